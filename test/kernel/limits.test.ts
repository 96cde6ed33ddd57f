import { describe, expect, it } from 'vitest'
import { checkSize, KERNEL_LIMITS } from '../../src/kernel/limits.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { fc } from '../property.ts'

const json = fc.jsonValue() as fc.Arbitrary<Json>

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

  it.each(['"', '\\', '\n', '\u0000', '\u001f', '\u007f', '\u2028', '\ud800', '\udfff', '😀', 'é'])(
    'counts a value that JSON converts in its JSON form: %j',
    (text) => {
      for (const value of [text, [`a${text}b`], { [`${text}a`]: 1 }]) {
        const size = JSON.stringify(value).length
        expect(() => checkSize(value, size, 'value')).not.toThrow()
        expect(() => checkSize(value, size - 1, 'value')).toThrow('value is larger than')
      }
    },
  )

  it('leaves out what JSON leaves out', () => {
    expect(() => checkSize({ a: undefined, b: 1 }, '{"b":1}'.length, 'value')).not.toThrow()
  })

  it('refuses values that are nested too deeply or contain themselves', () => {
    const nested = (depth: number): Json => {
      let value: Json = 1
      for (let level = 0; level < depth; level++) value = [value]
      return value
    }
    const own: { self?: Json } = {}
    own.self = own
    expect(() => checkSize(nested(KERNEL_LIMITS.depth), KERNEL_LIMITS.body, 'value')).not.toThrow()
    const tooLarge = expect.objectContaining({ code: 'too_large' })
    expect(() => checkSize(nested(KERNEL_LIMITS.depth + 1), KERNEL_LIMITS.body, 'value')).toThrow(tooLarge)
    expect(() => checkSize(nested(100_000), KERNEL_LIMITS.body, 'value')).toThrow(tooLarge)
    expect(() => checkSize(own, KERNEL_LIMITS.body, 'value')).toThrow(tooLarge)
  })
})
