import { describe, expect, test } from 'vitest'
import {
  packCell,
  packEnvelope,
  packEnvelopes,
  unpackCell,
  unpackEnvelope,
  unpackEnvelopes,
} from '../../../src/engine/libsql/codec.ts'
import type { Cell, Envelope } from '../../../src/kernel/types.ts'
import { cell, envelope, WATCHERS } from '../../kernel/fixtures.ts'

const onDisk = <T>(value: T): T => JSON.parse(JSON.stringify(value))
const FROM = { kind: 'asker', key: '1' }

describe('a cell is the same when it is read again', () => {
  test.each<[string, Partial<Cell>]>([
    ['plain', { events: 0 }],
    ['with timers', { events: 0, timers: { bell: 'token' } }],
    ['with an index', { events: 0, index: { status: 'done' } }],
    ['with watchers', { events: 0, watchers: WATCHERS }],
    ['with cancelled work', { events: 0, cancelled: ['run-1'] }],
    ['with events', { events: 3 }],
    ['of a later version', { events: 0, version: 2 }],
    ['that is about to halt', { events: 0, halting: true }],
    ['halted', { events: 0, status: 'halted' }],
    ['failed', { status: 'failed', problem: { code: 'x', name: 'Error', message: 'x', terminal: true } }],
  ])('%s', (_, more) => {
    expect(unpackCell(onDisk(packCell(cell(more))))).toEqual(cell(more))
  })
})

describe('a message is the same when it is read again', () => {
  test.each<[string, Partial<Envelope>]>([
    ['from outside', {}],
    ['from an actor', { from: FROM, cause: 'message-0' }],
    ['with an answer for its sender', { from: FROM, replyTo: FROM }],
    ['with an answer for another', { from: FROM, replyTo: { kind: 'reply', key: 'x' } }],
    ['that sleeps', { due: 2_000 }],
    ['a timer', { type: 'event', from: FROM, due: 2_000, timer: 'bell' }],
  ])('%s', (_, more) => {
    expect(unpackEnvelope(onDisk(packEnvelope(envelope(more))))).toEqual(envelope(more))
  })
})

describe('messages in a row', () => {
  const other = { kind: 'other', key: '2' }
  const all = [
    envelope({}),
    envelope({ id: 'message-2', from: FROM, cause: 'message-0', replyTo: FROM }),
    envelope({ id: 'message-3', from: FROM, cause: 'message-0', replyTo: FROM, to: other }),
    envelope({ id: 'message-4', from: other, cause: 'message-1', createdAt: 7, correlationId: 'run-2' }),
    envelope({ id: 'message-5', body: null }),
    envelope({ id: 'message-6', createdAt: 0 }),
  ]
  const packed = packEnvelopes(all.map((envelope) => ({ envelope })))

  test('are the same when they are read again', () => {
    expect(unpackEnvelopes(onDisk(packed))).toEqual(all)
  })

  test('do not repeat fields equal to those of the message before', () => {
    const text = JSON.stringify(packed[2])
    for (const repeated of ['asker', 'message-0', 'run-1']) expect(text).not.toContain(repeated)
  })
})
