import { describe, expect, it } from 'vitest'
import { listReferences, parseCondition, parseTemplate } from '../../../src/template/template.ts'

const shown = (source: string) =>
  listReferences(parseTemplate(source)).map(
    ({ name, path, guarded, called }) => [name, ...path].join('.') + (called ? '()' : '') + (guarded ? '?' : ''),
  )

describe('references', () => {
  it.each([
    ["{{ a.b['c'].d }}", ['a.b.c.d']],
    ['{{ a[0].b }}', ['a']],
    ['{{ a[i.j].b }}', ['a', 'i.j']],
    ['{{ a.b[:n] }}', ['a.b', 'n']],
    ['{{ a.b.items() }}', ['a.b']],
    ['{{ f(x) }}{{ range(n) }}', ['f()', 'x', 'n']],
    ['{{ $item.x }}', ['item.x']],
    ['{% for x in xs %}{{ x }}{{ loop.index }}{{ y }}{% endfor %}{{ x }}', ['xs', 'y', 'x']],
    ['{% for x in xs if x.on and z %}{% else %}{{ x }}{% endfor %}', ['xs', 'z', 'x']],
    ['{{ v }}{% set v = w %}{{ v }}', ['v', 'w']],
    ['{% if a %}{% set v = 1 %}{% endif %}{{ v }}', ['a']],
    ['{% for x in xs %}{% set v = 1 %}{% endfor %}{{ v }}', ['xs', 'v']],
    ['{% set v %}{{ q }}{% endset %}{{ v }}', ['q']],
    ['{% set ns = namespace(c=k) %}{% set ns.c = m %}', ['k', 'm']],
    ["{{ {'k': a, b: [c, -d]} }}", ['a', 'b', 'c', 'd']],
  ])('%s', (source, expected) => {
    expect(shown(source)).toEqual(expected)
  })

  it('are placed where their first name stands', () => {
    expect(listReferences(parseTemplate('x\n  {{ 1 + a.b }}'))).toMatchObject([{ line: 2, column: 10 }])
  })

  it('in conditions count inside and outside of braces and texts', () => {
    const found = listReferences(parseCondition("a == '{{ b }}' and {{ c | default(d) }}"))
    expect(found.map(({ name, guarded }) => name + (guarded ? '?' : ''))).toEqual(['a', 'b', 'c?', 'd'])
  })
})

describe('a reference tells the texts it is held against', () => {
  it.each([
    ["{{ a.b == 'c' }}", ['c']],
    ["{{ a.b != 'c' and 1 }}", ['c']],
    ["{{ a.b in ['c', 'd'] }}", ['c', 'd']],
    ["{{ 1 if a['b'] not in ['c'] else 2 }}", ['c']],
    // what is not plain in the text is not known
    ["{{ a.b in 'cd' }}", undefined],
    ["{{ a.b in ['c', x] }}", undefined],
    ["{{ a.b[:2] == 'c' }}", undefined],
    ["{{ a.b[0] == 'c' }}", undefined],
    ["{{ a.b < 'c' }}", undefined],
    ["{{ a.b == 'c' == d }}", undefined],
    ["{{ a.b | lower == 'c' }}", undefined],
    ['{{ a.b == 1 }}', undefined],
  ])('%s', (source, against) => {
    expect(listReferences(parseTemplate(source))[0]!.against).toEqual(against)
  })

  it('in conditions, too', () => {
    for (const text of ["a.b == 'c'", "{{ a.b == 'c' }}", "{{ a.b }} == 'c'"])
      expect(listReferences(parseCondition(text))).toMatchObject([{ name: 'a', path: ['b'], against: ['c'] }])
  })
})

describe('a reference whose absence is provided for', () => {
  it.each([
    ["{{ a.b | default('x') }}", ['a.b?']],
    ['{{ (a if b else c) | d(e) }}', ['b', 'a?', 'c?', 'e']],
    ['{{ a[:2] | default(0) }}', ['a']],
    ["{{ (a | lower) | default('x') }}", ['a']],
    ['{{ a is defined and b }}', ['a?', 'b']],
    ['{% if a.b is defined %}{{ a.b.c }}{{ c }}{% endif %}{{ a.b }}', ['a.b?', 'a.b.c?', 'c', 'a.b']],
    ['{% if a is not defined %}{{ a }}{% else %}{{ a }}{% endif %}', ['a?', 'a', 'a?']],
    ['{{ a if a is defined else b }}', ['a?', 'a?', 'b']],
    ['{{ a is defined and a > 1 }}', ['a?', 'a?']],
    ['{{ a is undefined or a > 1 }}', ['a?', 'a?']],
    ['{% if a is defined and b %}{% elif c %}{{ a }}{% endif %}', ['a?', 'b', 'c', 'a']],
  ])('%s', (source, expected) => {
    expect(shown(source)).toEqual(expected)
  })
})
