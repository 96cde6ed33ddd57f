import { describe, expect, it } from 'vitest'
import { checkTurn } from '../../src/kernel/check.ts'
import { KERNEL_LIMITS } from '../../src/kernel/limits.ts'
import type { Turn } from '../../src/kernel/types.ts'

const TO = { kind: 'child', key: '1' }
// the quotes around a text count too
const text = (size: number) => 'x'.repeat(size - 2)

describe('checkTurn', () => {
  const limits: readonly [string, number, (size: number) => Turn][] = [
    ['state', KERNEL_LIMITS.cell, (size) => ({ state: text(size) })],
    ['part', KERNEL_LIMITS.body, (size) => ({ parts: { a: text(size) } })],
    ['message', KERNEL_LIMITS.body, (size) => ({ send: [{ to: TO, body: text(size) }] })],
    ['event', KERNEL_LIMITS.body, (size) => ({ events: [text(size)] })],
    ['timer', KERNEL_LIMITS.body, (size) => ({ timers: { a: { delay: 1, body: text(size) } } })],
    ['reply', KERNEL_LIMITS.body, (size) => ({ reply: text(size) })],
  ]

  it.each(limits)('a %s of %i characters is accepted, one more is too_large', (what, limit, turn) => {
    expect(() => checkTurn('counter', turn(limit))).not.toThrow()
    expect(() => checkTurn('counter', turn(limit + 1))).toThrow(
      expect.objectContaining({ code: 'too_large', message: expect.stringContaining(what) }),
    )
  })

  const counts: readonly [string, number, (count: number) => Turn][] = [
    ['messages', KERNEL_LIMITS.sends, (count) => ({ send: Array(count).fill({ to: TO, body: 1 }) })],
    [
      'index fields',
      KERNEL_LIMITS.index,
      (count) => ({ index: Object.fromEntries(Array.from(Array(count), (_, n) => [n, n])) }),
    ],
  ]

  it.each(counts)('%s: %i are accepted, one more is invalid', (what, limit, turn) => {
    expect(() => checkTurn('counter', turn(limit))).not.toThrow()
    expect(() => checkTurn('counter', turn(limit + 1))).toThrow(
      expect.objectContaining({ name: 'InvalidError', message: expect.stringContaining(what) }),
    )
  })

  it('removals and cancelled timers have no size', () => {
    expect(() => checkTurn('counter', { parts: { a: null }, timers: { b: null } })).not.toThrow()
  })
})

describe('timers', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, '5', 5n, undefined])('a delay of %s is refused', (delay) => {
    const turn = { timers: { egg: { delay: delay as number, body: 1 } } }
    expect(() => checkTurn('counter', turn)).toThrow(
      expect.objectContaining({ name: 'InvalidError', message: expect.stringContaining('timer egg of counter') }),
    )
  })

  it('one that is in the past is over at once', () => {
    expect(() => checkTurn('counter', { timers: { egg: { delay: -1, body: 1 } } })).not.toThrow()
  })
})

describe('names', () => {
  it.each(['a\0b', 'a\ud800b'])('%j is refused as a part and as a key to send to', (name) => {
    const invalid = expect.objectContaining({ name: 'InvalidError' })
    expect(() => checkTurn('counter', { parts: { [name]: 1 } })).toThrow(invalid)
    expect(() => checkTurn('counter', { send: [{ to: { kind: 'child', key: name }, body: 1 }] })).toThrow(invalid)
  })
})

describe('what passed', () => {
  it('nobody can change any more', () => {
    const turn = {
      state: { list: [{ a: 1 }] },
      parts: { part: { a: [1] } },
      send: [{ to: { ...TO }, body: { a: 1 }, replyTo: { ...TO } }],
      events: [{ a: 1 }],
      timers: { timer: { delay: 1, body: { a: 1 } } },
      reply: { a: 1 },
      refuse: { code: 'no', name: 'Error', message: 'no' },
      index: { status: 'done' },
      watch: [{ ...TO }],
      cancel: [{ of: { ...TO } }],
    } satisfies Turn
    checkTurn('counter', turn)
    const { state, parts, send, events, timers, reply, refuse, index, watch, cancel } = turn
    const values = [state, state.list, state.list[0], parts.part, parts.part.a, events[0], timers.timer.body, reply]
    const addresses = [send[0]?.to, send[0]?.body, send[0]?.replyTo, refuse, index, watch[0], cancel[0]?.of]
    expect([...values, ...addresses].map((value) => Object.isFrozen(value))).toEqual(Array(15).fill(true))
  })

  it('is JSON all through', () => {
    for (const value of [new Date(), new Map(), { a: [new (class Point {})()] }, Buffer.from('a')])
      expect(() => checkTurn('counter', { reply: value as never })).toThrow('which is not JSON')
    expect(() => checkTurn('counter', { reply: { a: 1n } as never })).toThrow(
      'the reply of counter contains a BigInt, which is not JSON',
    )
  })
})
