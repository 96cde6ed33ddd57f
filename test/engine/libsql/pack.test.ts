import { describe, expect, test } from 'vitest'
import { pack, packCell, unpack, unpackCell } from '../../../src/engine/libsql/pack.ts'
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
    expect(unpack(onDisk(pack(envelope(more))))).toEqual(envelope(more))
  })
})
