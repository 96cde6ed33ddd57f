import { describe, expect, it } from 'vitest'
import { checkOwnTurn, checkTurn } from '../../src/kernel/check.ts'
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

describe('a value that is not a turn', () => {
  const values: readonly (readonly [string, unknown])[] = [
    ['a list', []],
    ['a list', [{ reply: 1 }]],
    ['a text', ''],
    ['a text', 'done'],
    ['a number', 7],
    ['a boolean', true],
    ['null', null],
    ['undefined', undefined],
    ['a function', () => ({})],
    ['an object (Map)', new Map()],
    ['an object (Date)', new Date(0)],
    ['an object (Error)', new Error('no')],
    ['an object (Promise)', Promise.resolve({})],
    ['an object (AsyncGenerator)', (async function* () {})()],
  ]

  it.each(values)('%s: %o', (shown, value) => {
    expect(() => checkTurn('counter', value as Turn)).toThrow(
      expect.objectContaining({
        name: 'InvalidError',
        message: `counter returned no turn: expected an object, got ${shown}.`,
        hint: expect.stringContaining('return {}'),
      }),
    )
  })

  it('an object of a class with the fields of a turn is one', () => {
    const reply = Object.assign(Object.create({}), { reply: 1 })
    expect(() => checkTurn('counter', reply)).not.toThrow()
  })
})

describe('a field of a wrong shape', () => {
  const fields: readonly (readonly [unknown, string])[] = [
    [{ send: { to: TO, body: 1 } }, '`send` of a turn of counter: expected a list, got an object'],
    [{ send: [null] }, 'a message from counter: expected an object, got null'],
    [{ send: [{ body: 1 }] }, '`to` of a message from counter: expected an object, got undefined'],
    [{ send: [{ to: 'child/1', body: 1 }] }, '`to` of a message from counter: expected an object, got a text'],
    [{ send: [{ to: { kind: 'child', key: 1 }, body: 1 }] }, 'expected an actor as { kind, key }, with texts'],
    [{ send: [{ to: TO, body: 1, replyTo: 'a/1' }] }, '`replyTo` of a message from counter: expected an object'],
    [{ send: [{ to: TO }] }, 'a message from counter to child is undefined, which is not JSON.'],
    [{ events: 'done' }, '`events` of a turn of counter: expected a list, got a text'],
    [{ events: [undefined] }, 'an event of counter is undefined, which is not JSON.'],
    [{ timers: { egg: { delay: 1 } } }, 'timer egg of counter is undefined, which is not JSON.'],
    [{ parts: ['a'] }, '`parts` of a turn of counter: expected an object, got a list'],
    [{ index: ['a'] }, '`index` of a turn of counter: expected an object, got a list'],
    [{ refuse: 'no' }, '`refuse` of a turn of counter: expected an object, got a text'],
    [{ escalate: {} }, '`escalate` of a turn of counter: expected a problem with a text as its `message`.'],
    [{ watch: TO }, '`watch` of a turn of counter: expected a list, got an object'],
    [{ watch: ['child/1'] }, 'an actor that counter watches: expected an object, got a text'],
    [{ cancel: [TO] }, '`of` of what counter cancels: expected an object, got undefined'],
    [{ stop: 'yes' }, '`stop` of a turn of counter: expected true or false, got a text'],
  ]

  it.each(fields)('%o', (turn, message) => {
    expect(() => checkTurn('counter', turn as Turn)).toThrow(
      expect.objectContaining({ name: 'InvalidError', message: expect.stringContaining(message) }),
    )
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

describe('an accepted turn', () => {
  it('is frozen', () => {
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
      'the reply of counter contains a BigInt, which is not JSON.',
    )
  })
})

it('a turn that its actor has checked is checked once, and cannot change', () => {
  let reads = 0
  const event = Object.defineProperty({}, 'a', { enumerable: true, get: () => ++reads })
  const turn: Turn = { events: [event as never] }
  checkOwnTurn('counter', turn)
  const before = reads
  checkTurn('counter', turn)
  expect(reads).toBe(before)
  expect(Object.isFrozen(turn)).toBe(true)
  expect(() => checkTurn('counter', { ...turn, state: () => 1 } as never)).toThrow('which is not JSON')
})
