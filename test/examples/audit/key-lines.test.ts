import { expect, test } from 'vitest'
import { keyLines } from '../../../examples/audit/key-lines.ts'
import { fc } from '../../property.ts'

test('braces, colons and line ends inside strings do not confuse it', () => {
  const json = '{\n"a}": "{:\\n\\"",\n"b":\n{ "c": [{ "d": 1 }],\n"license": ":" } }'
  expect(Object.fromEntries(keyLines(json))).toEqual({ 'a}': 2, b: 3, 'b.c': 4, 'b.license': 5 })
})

test('knows every key of any object, each on its line', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()), (object) => {
      const keys = Object.keys(object).filter((key) => !key.includes('.'))
      const lines = keyLines(JSON.stringify(object, null, 1))
      for (const key of keys) {
        const line = JSON.stringify(object, null, 1).split('\n')[lines.get(key)! - 1]
        expect(line!.startsWith(` ${JSON.stringify(key)}:`)).toBe(true)
      }
    }),
  )
})
