import { expect, it } from 'vitest'
import { mergePatch, patchBetween } from '../../src/environment/merge-patch.ts'
import type { JsonObject } from '../../src/kernel/json.ts'
import { fc } from '../property.ts'

// the cases of RFC 7396, appendix A, whose state and patch are maps
it.each([
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', '{}'],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ['{"e":1}', '{"__proto__":{"admin":true}}', '{"e":1,"__proto__":{"admin":true}}'],
])('%s with %s is %s', (state, patch, merged) => {
  expect(JSON.stringify(mergePatch(JSON.parse(state), JSON.parse(patch)))).toBe(merged)
})

it('the patch between two states turns one into the other, and is empty only between equal ones', () => {
  const { state } = fc.letrec((tie) => ({
    state: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(1, 'x', false),
      fc.array(fc.constantFrom(1, null)),
      tie('state'),
    ),
  }))
  fc.assert(
    fc.property(state, state, (one, other) => {
      const [from, to] = [one, other].map((each) => JSON.parse(JSON.stringify(each)) as JsonObject) as [
        JsonObject,
        JsonObject,
      ]
      const patch = patchBetween(from, to)
      const merged = mergePatch(from, patch)
      expect(merged).toEqual(to)
      expect(Object.keys(patchBetween(merged, to))).toEqual([])
    }),
  )
})
