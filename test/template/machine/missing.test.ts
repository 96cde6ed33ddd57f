import { describe, expect, it } from 'vitest'
import { skippedStep, thrownBy, yielding } from '../fixture.ts'

const values = { a: { b: 1 }, none: null, s: skippedStep(), xs: [1] }

describe('a missing value fails where it is used', () => {
  it.each([
    ['{{ x }}', "'x' (line 1, column 4)"],
    ['hi\n{{ a.z }}', "'a.z' (line 2, column 4)"],
    ['{{ a.z.y }}', "'a.z.y' (line 1, column 4)"],
    ['{{ s.result }}', "'s.result' (line 1, column 4); `s` was skipped (condition_false)"],
    ['{{ x + y }} {{ a.c | upper }}', "'x' (line 1, column 4), 'y' (line 1, column 8), 'a.c' (line 1, column 16)"],
    ["{{ x == 'a' }}", "'x' (line 1, column 4)"],
    ['{% if x %}{% endif %}', "'x' (line 1, column 7)"],
    ['{% for i in x %}{% else %}{{ y }}{% endfor %}', "'x' (line 1, column 13), 'y' (line 1, column 30)"],
    ['{% set v = x %}{{ v }}', "'x' (line 1, column 12)"],
    ['{{ [x] }}{{ {1: y} }}', "'x' (line 1, column 5), 'y' (line 1, column 17)"],
    ['{{ x() }}', "'x()' (line 1, column 4)"],
    ['{{ x | default(y) }}', "'y' (line 1, column 16)"],
    ['{{ xs[5] }}', "'xs[5]' (line 1, column 4)"],
    ['{{ [] | first }}', "'… | first' (line 1, column 9)"],
    ['{% for i in [1, 2] %}{{ x }}{% endfor %}', "'x' (line 1, column 25)"],
    ['{{ a.__proto__ }}', "'a.__proto__' (line 1, column 4)"],
    ['{{ a.constructor }}', "'a.constructor' (line 1, column 4)"],
    ["{{ xs['length'] }}", "'xs['length']' (line 1, column 4)"],
    ['{{ toString }}', "'toString' (line 1, column 4)"],
  ])('%s', (source, unresolved) => {
    expect(thrownBy(() => yielding(source, values))).toMatchObject({
      name: 'TerminalError',
      code: 'unresolved_template',
      message: `unresolved: ${unresolved}`,
    })
  })

  it('and is named before what went wrong because of it', () => {
    expect(thrownBy(() => yielding('{{ x }}{{ 1 / 0 }}')).code).toBe('unresolved_template')
  })
})

describe('a missing value is harmless', () => {
  it.each([
    ["{{ x | default('d') }}", 'd'],
    ["{{ x.y.z | default('d') }}", 'd'],
    ["{{ none | default('d') }}", 'd'],
    ["{{ '' | default('d') }}", ''],
    ["{{ '' | default('d', true) }}", 'd'],
    ["{{ '' | default('d', boolean=true) }}", 'd'],
    ['{{ 0 | default(5) }}', 0],
    ['{{ x | default(none) }}', null],
    ['{{ [x.y | default(none), none | d] }}', [null, '']],
    ["{{ x | default(y) | default('e') }}", 'e'],
    ['{{ x is defined }}', false],
    ['{{ a.b is defined and a.c is not defined }}', true],
    ['{% if a.z %}y{% else %}n{% endif %}', 'n'],
    ["{{ a.z or 'o' }}", 'o'],
    ['{{ not a.z }}', true],
    ['{% if false %}{{ x }}{% endif %}', ''],
    ['{{ 1 if true else x }}', 1],
    ['{{ false and x }}', false],
    ['{% set v = x %}{{ v | default(1) }}', '1'],
    ["{{ [] | first | default('e') }}", 'e'],
    ['{{ none }}', null],
    ['[{{ none }}]', '[]'],
  ])('%s', (source, expected) => {
    expect(yielding(source, values)).toEqual(expected)
  })
})
