import { describe, expect, it } from 'vitest'
import { FILTERS } from '../../../src/template/template.ts'
import { thrownBy, yielding } from '../fixture.ts'

const values = {
  rows: [
    { k: 'x', v: 1, on: true, deep: { n: 5 } },
    { k: 'y', v: 2, on: false, deep: { n: 6 } },
    { k: 'z', v: 3, on: true, deep: { n: 7 } },
  ],
  words: 'one two three four',
  timestamp: '2026-03-01T10:00:00+00:00',
  stamped: '2026-11-20T06:50:06.852966+00:00',
  odd: [0, '', null, 'a', false],
  include_file: (path: string, folder?: string) => `${folder ?? '.'}/${path}`,
  file_exists: (path: string) => path === 'a.txt',
}

const cases: readonly (readonly [string, unknown])[] = [
  ["'Hello, Wörld  & -- you_2' | slugify", 'hello-wörld-you_2'],
  ['stamped | slugify', '2026-11-20t0650068529660000'],
  ["'a/b/c.md' | basename", 'c.md'],
  ["['a b', 1] | quote", "'a b' '1'"],
  ["'c.md' | basename", 'c.md'],
  ["'hello WORLD' | capitalize", 'Hello world'],
  ['"it\'s a dog-eat (dog) world" | title', "It's A Dog-Eat (Dog) World"],
  ["'aB' | upper ~ ('aB' | lower)", 'ABab'],
  ["'  x ' | trim", 'x'],
  ["'xxaxx' | trim('x')", 'a'],
  ['words | truncate(10)', 'one...'],
  ['words | truncate(10, true)', 'one two...'],
  ["words | truncate(8, end='!', leeway=0)", 'one!'],
  ['words | truncate(16)', 'one two three four'],
  ['words | truncate_words(2)', 'one two...'],
  ['words | truncate_words', 'one two three four'],
  ['words | wordcount', 4],
  ["'aXbX' | replace('X', '$&')", 'a$&b$&'],
  ["'aXbX' | replace('X', '-', 1)", 'a-bX'],
  ["'ab' | replace('', '-')", '-a-b-'],
  ["'a,b' | split(',')", ['a', 'b']],
  ['words | split | length', 4],
  ["'a\\nb\\n\\nc' | indent(2)", 'a\n  b\n\n  c'],
  ["'a\\nb' | indent('> ', first=true)", '> a\n> b'],
  ["'x' | center(5)", '  x  '],
  ["'<a&\"' | e", '&lt;a&amp;&#34;'],
  ["'a b/ü' | urlencode", 'a%20b/%C3%BC'],
  ["'%s-%05.1f-%d%%' | format('a', 3.14159, 7)", 'a-003.1-7%'],
  ["'{} {1} {x:>3}' | format(1, 2, x=3)", '1 2   3'],
  ["1234567.891 | format(',.2f')", '1,234,567.89'],
  ["'%(a)s' | format(a=1)", '1'],
  ["'now' | date('%Y-%m-%d %H:%M')", '2026-03-01 10:00'],
  ["stamped | date('%d %B %Y, %-I:%M %p %z %j %a %b')", '20 November 2026, 6:50 AM +0000 324 Fri Nov'],
  ["'2026-02-30' | date('%Y')", '2026-02-30'],
  ["'soon' | date('%Y')", 'soon'],
  ["'2026-03-01' | date", '2026-03-01 00:00:00'],
  ["'2026-03-01' | strftime('%y')", '26'],

  ["'ab cd ef-gh' | wordwrap(5)", 'ab cd\nef-gh'],
  ["'abcdefg hi' | wordwrap(3, wrapstring='+')", 'abc+def+g+hi'],
  ["'abcdefg hi' | wordwrap(3, false)", 'abcdefg\nhi'],
  ["'🙂🙂🙂' | wordwrap(2)", '🙂🙂\n🙂'],
  ["'# A\ntext\n- one\n- two\n## B\n' | markdown_format", '# A\ntext\n\n- one\n- two\n\n## B'],
  ["'<b>a <!-- < --> b</b>  &amp; <c' | striptags", 'a b & <c'],
  ["'<' | forceescape", '&lt;'],
  ["{'a b': 1, 'c': '&'} | urlencode", 'a+b=1&c=%26'],
  ['1500 | filesizeformat ~ (1 | filesizeformat) ~ (1536 | filesizeformat(true))', '1.5 kB1 Byte1.5 KiB'],

  ["'abc' | length", 3],
  ["{'a': 1} | count", 1],
  ["'abc' | list", ['a', 'b', 'c']],
  ["{'a': 1} | list", ['a']],
  ['[1, 2] | first', 1],
  ['[1, 2] | last', 2],
  ['[1, none, true] | join', '1, , true'],
  ["rows | join('+', attribute='k')", 'x+y+z'],
  ["'abc' | reverse", 'cba'],
  ['[1, 2] | reverse', [2, 1]],
  ["['b', 'A', 'c'] | sort", ['A', 'b', 'c']],
  ["['b', 'A'] | sort(case_sensitive=true, reverse=true)", ['b', 'A']],
  ["rows | sort(attribute='on, v', reverse=true) | map(attribute='k') | join", 'z, x, y'],
  ["rows | sort(attribute='on', reverse=true) | map(attribute='k') | join", 'x, z, y'],
  ['[[2, 1], [1, 9], [1]] | sort', [[1], [1, 9], [2, 1]]],
  ["'abc' | loop_get(1) ~ ('abc' | next_in_loop(1)) ~ ('abc' | prev_in_loop(1))", 'bca'],
  ["[1] | loop_get(5) ~ ([1] | next_in_loop(0)) ~ ([1] | prev_in_loop(0)) ~ '.'", '.'],
  [
    '[1, 2, 3, 4, 5] | slice(3, 0)',
    [
      [1, 2],
      [3, 4],
      [5, 0],
    ],
  ],
  ["rows | sort(attribute='v', reverse=true) | map(attribute='k') | join", 'z, y, x'],
  ["[10, 9, '8'] | sort", ['8', 9, 10]],
  ["['a', 'A', 1, '1'] | unique", ['a', 1, '1']],
  ["rows | unique(attribute='on') | map(attribute='k') | join", 'x, y'],
  ['[3, 1, 2] | min ~ ([3, 1, 2] | max)', '13'],
  ["(rows | max(attribute='v')).k", 'z'],
  ['[1, 2, 3, 4] | select("even")', [2, 4]],
  ['odd | select', ['a']],
  ['odd | reject | length', 4],
  ["[1, 2, 3] | reject('gt', 2)", [1, 2]],
  ["[1, 2, 3] | select('>=', 2)", [2, 3]],
  ["rows | selectattr('on') | map(attribute='k') | join", 'x, z'],
  ["rows | selectattr('deep.n', 'in', [5, 7]) | map(attribute='k') | join", 'x, z'],
  ["rows | rejectattr('v', 'equalto', 2) | map(attribute='k') | join", 'x, z'],
  ["rows | selectattr('zz', 'defined') | list", []],
  ["rows | selectattr('zz', 'undefined') | length", 3],
  ["rows | map(attribute='deep.n') | sum", 18],
  ["rows | map(attribute='zz', default='-') | join('')", '---'],
  ["['a', 'b'] | map('upper')", ['A', 'B']],
  ["['a-b', 'c-d'] | map('replace', '-', '+')", ['a+b', 'c+d']],
  ["rows | map('attr', 'k') | join", 'x, y, z'],
  ["rows | groupby('on') | map(attribute='grouper')", [false, true]],
  [
    '[1, 2, 3] | batch(2, 0)',
    [
      [1, 2],
      [3, 0],
    ],
  ],

  ["'42' | int", 42],
  ["'3.9' | int", 3],
  ["'x' | int(7)", 7],
  ["('0xff' | int(base=16)) + ('zz' | int(7, 16))", 262],
  ["' 1e3 ' | float", 1000],
  ['-3 | abs', 3],
  ['2.5 | round', 2],
  ['3.5 | round', 4],
  ['2.675 | round(2)', 2.67],
  ['0.125 | round(2)', 0.12],
  ['1251 | round(-2)', 1300],
  ['2.71049 | round(3)', 2.71],
  ["3.2 | round(0, 'ceil')", 4],
  ["'2.51' | round(1)", 2.5],
  ['[1, 2.5] | sum', 3.5],
  ["rows | sum(attribute='v', start=10)", 16],
  ['[[1, 2], [], [3]] | sum(start=[])', [1, 2, 3]],
  ["[{ 't': [1] }, { 't': [2] }] | sum('t', [0])", [0, 1, 2]],
  ['5 | string', '5'],

  ["{'a': 1} | items", [['a', 1]]],
  ["{'a': 1} | keys", ['a']],
  ["{'a': 1} | values", [1]],
  [
    "{'b': 1, 'A': 2} | dictsort",
    [
      ['A', 2],
      ['b', 1],
    ],
  ],
  [
    "{'a': 2, 'b': 1} | dictsort(by='value')",
    [
      ['b', 1],
      ['a', 2],
    ],
  ],

  ["{'a': [1, none, 'é<']} | tojson", '{"a": [1, null, "é<"]}'],
  ["{'a': [1], 'b': []} | tojson(indent=2)", '{\n  "a": [\n    1\n  ],\n  "b": []\n}'],
  ["{'a': 1} | to_json", '{\n  "a": 1\n}'],
  ["{'a': 1} | json_encode(indent=none)", '{"a": 1}'],
  ['\'[1, {"a": 2}]\' | from_json', [1, { a: 2 }]],
  ["'[1,' | from_json", '[1,'],
  ['rows | from_json | length', 3],

  ["'a12b3' | regex_search('[0-9]+')", '12'],
  ["'score: 7/10' | regex_search('(\\d+)/(\\d+)', 2)", '10'],
  ["'x' | regex_search('(?P<n>x)', 'n')", 'x'],
  ["'abc' | regex_search('B', ignorecase=true)", 'b'],
  ["'none' | regex_search('[0-9]')", null],
  ["'a1 b22' | regex_findall('[0-9]+')", ['1', '22']],
  [
    "'a1 b2' | regex_findall('([a-z])([0-9])')",
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  ["'notes.md' | regex_replace('\\\\.md$', '')", 'notes'],
  ["'a  b   c' | regex_replace('\\s+', ' ')", 'a b c'],
  ["'John Smith' | regex_replace('(\\w+) (?P<last>\\w+)', '\\g<last>, \\1 $1')", 'Smith, John $1'],
  ["'abc' | regex_replace('x*', '-')", '-a-b-c-'],
  ["'aaa' | regex_replace('a', 'b', count=2)", 'bba'],

  ["'a.txt' | include_file('docs')", 'docs/a.txt'],
  ["'a.txt' | file_exists", true],
]

describe('filters', () => {
  it.each(cases)('%s', (source, expected) => {
    expect(yielding(`{{ ${source} }}`, values)).toEqual(expected)
  })

  it('are all tried above or in the tests of what is missing', () => {
    const tried = cases.map(([source]) => source).join(' ')
    const untried = Object.keys(FILTERS).filter((name) => !new RegExp(`\\| ${name}\\b|map\\('${name}'`).test(tried))
    expect(untried.sort()).toEqual(['d', 'default', 'escape', 'json', 'pprint', 'safe'])
  })

  it('with the same meaning are the same', () => {
    expect([FILTERS.json, FILTERS.d, FILTERS.e]).toEqual([FILTERS.to_json, FILTERS.default, FILTERS.escape])
  })
})

describe('filters fail in place on what they cannot take', () => {
  it.each([
    ["'x' | int", "'x' is not a number"],
    ['5 | length', 'a number has no length'],
    ['5 | join', 'a number is not a list'],
    ["[1, 'a', []] | sort", 'have no order'],
    ["rows | map(attribute='zz')", "item 1 has no 'zz'"],
    ["rows | map('no' ~ 'such')", 'unknown filter `nosuch`'],
    ["rows | select('no' ~ 'such')", 'unknown check `nosuch`'],
    ["rows | map('construct' ~ 'or')", 'unknown filter `constructor`'],
    ["rows | select('construct' ~ 'or')", 'unknown check `constructor`'],
    ['[1] | items', 'a list has no fields'],
    ["rows | groupby('zz')", "item 1 has no 'zz'"],
    ["'9' | int(base=8)", "'9' is not a number in base 8"],
    ['5 | int(base=99) ~ ("5" | int(base=99))', 'expected a base from 2 to 36'],
    ['1 | round(99)', 'expected at most 15 digits'],
    ["1 | round(1, 'up')", "there is no rounding 'up'"],
    ["'%d' | format('x')", "'d' formats a number, got text"],
    ["'{x}' | format(1)", "there is no value for '{x}'"],
    ["'{0.__class__}' | format(1)", "there is no value for '{0.__class__}'"],
    ["5 | format('zz')", "'zz' is not a format"],
    ["'a' | truncate('b')", '`length` must be a whole number'],
  ])('%s', (source, message) => {
    const thrown = thrownBy(() => yielding(`{{ ${source} }}`, values))
    expect(thrown).toMatchObject({ code: 'template_failed', place: { line: 1 } })
    expect(thrown.message).toContain(message)
  })
})

it('a name that is no text is none of theirs, whatever it holds', () => {
  const values = { xs: [{ a: 1 }, { a: 0 }], name: { toString: false } }
  expect(yielding('{{ xs | selectattr(name) | list }}', values)).toEqual([])
  expect(yielding('{{ xs | rejectattr(name) | length }}', values)).toBe(2)
})
