import { describe, expect, it } from 'vitest'
import { BUILTIN_FUNCTIONS } from '../../../src/template/operations/functions.ts'
import { parseTemplate } from '../../../src/template/template.ts'
import { thrownBy, yielding } from '../fixture.ts'

const cases: readonly (readonly [string, unknown])[] = [
  ['range(3)', [0, 1, 2]],
  ['range(1, 10, 4)', [1, 5, 9]],
  ['range(2, 0, -1)', [2, 1]],
  ['range(5, 1)', []],
  ['dict(a=1, b=2)', { a: 1, b: 2 }],
  ['namespace(a=1).a', 1],
  ["len('abc') + len([1])", 4],
  ['str(5) ~ int("7") ~ float("1.5")', '571.5'],
  ['abs(-2) + round(2.6)', 5],
  ['round(2.345, 1)', 2.3],
  ['min(3, 1) ~ max([3, 1])', '13'],
  ['sum([1, 2])', 3],
  ['sorted([2, 1], reverse=true)', [2, 1]],
  ["list('ab')", ['a', 'b']],
  ['any([0, 1]) and not all([0, 1])', true],
  ["bool('')", false],
]

describe('functions', () => {
  it.each(cases)('%s', (source, expected) => {
    expect(yielding(`{{ ${source} }}`)).toEqual(expected)
  })

  it('are all tried above', () => {
    const tried = cases.map(([source]) => source).join(' ')
    expect(Object.keys(BUILTIN_FUNCTIONS).filter((name) => !tried.includes(`${name}(`))).toEqual([])
  })

  it('of the scope come first', () => {
    const loop_var = (loop: unknown, name: unknown) => `${loop}.${name}`
    expect(yielding("{{ loop_var('outer', 'item') }}{{ len(1) }}", { loop_var, len: () => '!' })).toBe('outer.item!')
  })

  it('leave values of the same name alone', () => {
    expect(yielding('{{ min }}{{ min(min, 1) }}', { min: 5 })).toBe('51')
  })

  it('that yield nothing are missing', () => {
    expect(yielding("{{ f() | default('d') }}", { f: () => undefined })).toBe('d')
    expect(thrownBy(() => yielding('{{ f() }}', { f: () => undefined })).message).toContain("'f()'")
  })

  it.each([
    ['range(1, 2, 0)', 'range: expected a step other than 0'],
    ["range('x')", "range: `start`: expected a whole number, got text: 'x'"],
  ])('%s fails', (source, message) => {
    expect(thrownBy(() => yielding(`{{ ${source} }}`))).toMatchObject({ code: 'template_failed', message })
  })

  it.each([
    ['len()', '`len` needs `value`'],
    ['len(1, 2)', '`len` takes at most 1 arguments, not 2'],
    ['range(begin=1)', '`range` has no argument `begin`'],
  ])('%s is refused when it is parsed', (source, message) => {
    expect(thrownBy(() => parseTemplate(`{{ ${source} }}`))).toMatchObject({ code: 'global_wrong_arity', message })
  })
})
