import { describe, expect, it } from 'vitest'
import { parseTemplate, renderTemplate } from '../../../src/template/template.ts'
import { scopeOf, yielding } from '../fixture.ts'

const written = (source: string) => {
  const { body } = parseTemplate(source)
  return renderTemplate({ source, body }, scopeOf({ n: 3, xs: ['a', 'b'] }))
}

describe('white space', () => {
  it.each([
    ['the newline behind a block goes', 'a{% if true %}\n b\n{% endif %}\nc', 'a b\nc'],
    ['what indents a block goes', '  {% if true %}\n  x\n  {% endif %}\n', '  x\n'],
    ['what stands between tags on a line stays', '{{ n }} {% if true %}x{% endif %} y', '3 x y'],
    ['a minus takes all of it', '{%- if true -%} x {%- endif -%} y', 'xy'],
    ['a minus works on output too', 'a  {{- n -}}  z', 'a3z'],
    ['the newline behind output stays', '{{ n }}\n', '3\n'],
    ['a plus keeps it', '  {%+ if true +%}\nx{% endif %}', '  \nx'],
    ['a comment counts as a block', '  {# c #}\nx', 'x'],
    ['a comment within a line leaves the rest', 'a {# c #} b', 'a  b'],
    ['a carriage return goes with its newline', '{% if true %}\r\nx{% endif %}', 'x'],
    ['raw text is not read', '{% raw %}{{ x }}{% endraw %}\nq', '{{ x }}q'],
    ['raw keeps its first newline', '{% raw %}\nx{% endraw %}', '\nx'],
    ['the last newline stays', 'x\n\n', 'x\n\n'],
  ])('%s', (_title, source, expected) => {
    expect(written(source)).toBe(expected)
  })
})

describe('strings', () => {
  it.each([
    [String.raw`{{ 'a\nb\t' }}`, 'a\nb\t'],
    [String.raw`{{ '\d+\.md$' }}`, String.raw`\d+\.md$`],
    [String.raw`{{ '\\.md$' }}`, String.raw`\.md$`],
    [String.raw`{{ 'it\'s' ~ "\"" }}`, `it's"`],
    [String.raw`{{ '\u00e9\x41' }}`, 'éA'],
    [`{{ '}}' }}`, '}}'],
    [`{{ "%}" }}`, '%}'],
  ])('%s', (source, expected) => {
    expect(yielding(source)).toBe(expected)
  })
})

describe('names', () => {
  const names = new Set(['web-search', 'a-b-c', 'a-b'])
  it('with hyphens are one word when known, the longest first', () => {
    expect(
      yielding('{{ a-b-c }}{{ a-b }}{{ x.web-search }}', { 'a-b-c': 1, 'a-b': 2, x: { 'web-search': 3 } }, { names }),
    ).toBe('123')
  })

  it('with hyphens are subtractions when not known', () => {
    expect(yielding('{{ n-1 }}', { n: 3 }, { names })).toBe(2)
    expect(yielding('{{ a-b-1 }}', { 'a-b': 5 }, { names })).toBe(4)
  })

  it('are the same with a dollar sign', () => {
    expect(yielding('{{ $item.name }}{{ $outer.item }}', { item: { name: 'x' }, outer: { item: 'y' } })).toBe('xy')
  })

  it('behind a dot may be words of the language', () => {
    expect(yielding('{{ x.if }}{{ x.in.not }}', { x: { if: 1, in: { not: 2 } } })).toBe('12')
  })
})

it('a map literal may end right before the braces', () => {
  expect(yielding("{{ {'a': {'b': 1}}}}")).toEqual({ a: { b: 1 } })
})
