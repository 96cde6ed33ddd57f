import { describe, expect, it } from 'vitest'
import { METHOD_NAMES } from '../../../src/template/operations/methods.ts'
import { thrownBy, yielding } from '../fixture.ts'

const cases: readonly (readonly [string, unknown])[] = [
  ["'aB'.lower() ~ 'aB'.upper()", 'abAB'],
  ['"they\'re bill\'s".title()', "They'Re Bill'S"],
  ["'hELLO'.capitalize()", 'Hello'],
  ["' x '.strip() ~ '|' ~ ' x '.lstrip() ~ '|' ~ ' x '.rstrip()", 'x|x | x'],
  ["'xxaxx'.strip('x')", 'a'],
  ["'a b  c'.split()", ['a', 'b', 'c']],
  ["'a b c'.split(' ', 1)", ['a', 'b c']],
  ["'a b c'.split(maxsplit=1)", ['a', 'b c']],
  ["'a/b/c'.rsplit('/', 1)", ['a/b', 'c']],
  ["'a\\nb\\r\\nc\\n'.splitlines()", ['a', 'b', 'c']],
  ["'a-b-c'.replace('-', '+', 1)", 'a+b-c'],
  ["'abc'.startswith('ab') and 'abc'.endswith(('x', 'c'))", true],
  ["'v1.2'.removeprefix('v')", '1.2'],
  ["'a.md'.removesuffix('.md')", 'a'],
  ["'abcb'.find('b') ~ 'abcb'.rfind('b') ~ 'abc'.find('z')", '13-1'],
  ["'🙂b'.index('b')", 1],
  ["'banana'.count('an')", 2],
  ["', '.join([1, 'b'])", '1, b'],
  ["'{}/{total}'.format(1, total=2)", '1/2'],
  ["'-7'.zfill(4)", '-007'],
  ["'a'.ljust(3, '.') ~ 'a'.rjust(3) ~ 'a'.center(3, '-')", 'a..  a-a-'],
  [
    "['7'.isdecimal(), 'Ab C'.istitle(), '7'.isdigit(), 'a'.isalpha(), 'a1'.isalnum(), ' '.isspace(), 'A'.isupper(), 'a'.islower(), '½'.isnumeric()]",
    Array(9).fill(true),
  ],
  ["'Aß'.casefold() ~ 'aB'.swapcase()", 'assAb'],
  ["'a=b=c'.partition('=') + 'a=b=c'.rpartition('=')", ['a', '=', 'b=c', 'a=b', '=', 'c']],
  ["'ab'.partition('=') + 'ab'.rpartition('=')", ['ab', '', '', '', '', 'ab']],
  ["''.isdigit() or 'a1'.isalpha()", false],
  ["'2026-03-01T10:00:00Z'.strftime('%H:%M %Z')", '10:00 UTC'],
  ["'2026-03-01'.isoformat()", '2026-03-01'],
  ['[1, 2, 1].count(1)', 2],
  ['[1, 2].index(2)', 1],
  ['[1].copy()', [1]],
  ["{'a': 1}.get('a') ~ {'a': 1}.get('b', 5)", '15'],
  ["{'a': 1}.get('b')", null],
  ["{'a': 1}.items()", [['a', 1]]],
  ["{'a': 1}.keys()", ['a']],
  ["{'a': 1}.values()", [1]],
]

describe('methods', () => {
  it.each(cases)('%s', (source, expected) => {
    expect(yielding(`{{ ${source} }}`)).toEqual(expected)
  })

  it('of a loop tell of its turns', () => {
    const rows = [{ k: 'a' }, { k: 'a' }, { k: 'b' }]
    const text =
      "{% for r in rows %}{{ loop.cycle('-', '+') }}{% if loop.changed(r.k) %}{{ r.k }}{% endif %}{% endfor %}"
    expect(yielding(text, { rows })).toBe('-a+-b')
    expect(
      yielding('{% for a in [1, 2] %}{% for b in [1] %}{{ loop.depth }}{% endfor %}{{ loop.depth0 }}{% endfor %}'),
    ).toBe('2020')
  })

  it.each([
    ['[1].append(2)', 'namespace()'],
    ["{'a': 1}.update(b=2)", 'namespace()'],
    ['x.lowr()', 'Did you mean `lower`?'],
  ])('that are not there are refused with what to write: %s', (source, hint) => {
    expect(thrownBy(() => yielding(`{{ ${source} }}`))).toMatchObject({
      code: 'template_syntax',
      hint: expect.stringContaining(hint),
    })
  })

  it('are all tried above', () => {
    const tried = [...cases.map(([source]) => source), 'loop.cycle() loop.changed()'].join(' ')
    expect(METHOD_NAMES.filter((name) => !tried.includes(`.${name}(`))).toEqual([])
  })
})

describe('fields of data', () => {
  const data = { items: [1, 2], keys: 'k', get: 3 }

  it('win over methods of the same name', () => {
    expect(yielding("{{ data.items | sum }}{{ data['keys'] }}{{ data.get }}", { data })).toBe('3k3')
  })

  it('leave methods callable', () => {
    expect(yielding("{{ data.keys() | join }}{{ data.get('get') }}", { data })).toBe('items, keys, get3')
  })
})

it('a field that is a function of the host is not there, and cannot be called', () => {
  const data = { run: () => 'ran', upper: () => 'ran' }
  expect(yielding('{{ data.run is defined }}', { data })).toBe(false)
  expect(thrownBy(() => yielding('{{ data.upper() }}', { data })).message).toBe('a map has no method `upper`')
})
