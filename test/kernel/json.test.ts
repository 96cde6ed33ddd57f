import { describe, expect, it } from 'vitest'
import { asJson } from '../../src/kernel/json.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { fc } from '../property.ts'

const json = fc.jsonValue() as fc.Arbitrary<Json>

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
    [-0, 0],
    [{ a: undefined, b: 1 }, { b: 1 }],
    [Object.assign(Array(4), [1, undefined, () => 1]), [1, null, null, null]],
    [{ deep: { at: new Date(0) } }, { deep: { at: '1970-01-01T00:00:00.000Z' } }],
    [{ a: { toJSON: () => 'own' } }, { a: 'own' }],
    [
      new (class Point {
        x = 1
      })(),
      { x: 1 },
    ],
    [Object.assign(Object.create({ inherited: 1 }), { own: 2 }), { own: 2 }],
    [new Map([[1, 2]]), {}],
    [Object('text'), 'text'],
  ])('converts %j as storing would', (value, expected) => {
    expect(asJson(value)).toStrictEqual(expected)
  })

  it('keeps a key that would be a prototype', () => {
    const copy = asJson(JSON.parse('{"__proto__":{"x":1}}'))
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"x":1}}')
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
  })

  it('refuses circular values, as JSON does', () => {
    const own: { self?: unknown } = {}
    own.self = own
    expect(() => asJson(own)).toThrow(TypeError)
  })
})
