import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asJson, checkSize, checkTurn, LIMITS } from '../../src/kernel/check.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { Turn } from '../../src/kernel/types.ts'

const TO = { kind: 'child', key: '1' }
// the quotes around a text count too
const text = (size: number) => 'x'.repeat(size - 2)
const json = fc.jsonValue() as fc.Arbitrary<Json>

describe('checkTurn', () => {
  const limits: readonly [string, number, (size: number) => Turn][] = [
    ['state', LIMITS.cell, (size) => ({ state: text(size) })],
    ['part', LIMITS.body, (size) => ({ parts: { a: text(size) } })],
    ['message', LIMITS.body, (size) => ({ send: [{ to: TO, body: text(size) }] })],
    ['event', LIMITS.body, (size) => ({ events: [text(size)] })],
    ['timer', LIMITS.body, (size) => ({ timers: { a: { delay: 1, body: text(size) } } })],
    ['reply', LIMITS.body, (size) => ({ reply: text(size) })],
  ]

  it.each(limits)('a %s of %i characters is accepted, one more is too_large', (what, limit, turn) => {
    expect(() => checkTurn('counter', turn(limit))).not.toThrow()
    expect(() => checkTurn('counter', turn(limit + 1))).toThrow(
      expect.objectContaining({ code: 'too_large', message: expect.stringContaining(what) }),
    )
  })

  const counts: readonly [string, number, (count: number) => Turn][] = [
    ['messages', LIMITS.sends, (count) => ({ send: Array(count).fill({ to: TO, body: 1 }) })],
    [
      'index fields',
      LIMITS.index,
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

describe('names', () => {
  it.each(['a\0b', 'a\ud800b'])('%j is refused as a part and as a key to send to', (name) => {
    const invalid = expect.objectContaining({ name: 'InvalidError' })
    expect(() => checkTurn('counter', { parts: { [name]: 1 } })).toThrow(invalid)
    expect(() => checkTurn('counter', { send: [{ to: { kind: 'child', key: name }, body: 1 }] })).toThrow(invalid)
  })
})

describe('checkSize', () => {
  it('counts exactly as JSON does', () => {
    fc.assert(
      fc.property(json, (value) => {
        const size = JSON.stringify(value).length
        expect(() => checkSize(value, size, 'value')).not.toThrow()
        expect(() => checkSize(value, size - 1, 'value')).toThrow('value is larger than')
      }),
    )
  })

  it('leaves out what JSON leaves out', () => {
    expect(() => checkSize({ a: undefined, b: 1 }, '{"b":1}'.length, 'value')).not.toThrow()
  })

  it('refuses what is nested too deep, and what holds itself', () => {
    const nested = (depth: number): Json => {
      let value: Json = 1
      for (let level = 0; level < depth; level++) value = [value]
      return value
    }
    const own: { self?: Json } = {}
    own.self = own
    expect(() => checkSize(nested(LIMITS.depth), LIMITS.body, 'value')).not.toThrow()
    const tooLarge = expect.objectContaining({ code: 'too_large' })
    expect(() => checkSize(nested(LIMITS.depth + 1), LIMITS.body, 'value')).toThrow(tooLarge)
    expect(() => checkSize(nested(100_000), LIMITS.body, 'value')).toThrow(tooLarge)
    expect(() => checkSize(own, LIMITS.body, 'value')).toThrow(tooLarge)
  })
})

describe('asJson', () => {
  it('is the value, but shared with nobody', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(asJson(value)).toEqual(JSON.parse(JSON.stringify(value)))
        if (typeof value === 'object' && value !== null) expect(asJson(value)).not.toBe(value)
      }),
    )
  })

  it.each([
    [undefined, null],
    [() => 1, null],
    [Number.NaN, null],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [{ a: undefined, b: 1 }, { b: 1 }],
  ])('makes %j what storing would make of it', (value, expected) => {
    expect(asJson(value)).toStrictEqual(expected)
  })
})
