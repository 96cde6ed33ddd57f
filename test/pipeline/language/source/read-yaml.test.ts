import { describe, expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import type { Json } from '../../../../src/kernel/schema.ts'
import { readYaml } from '../../../../src/pipeline/language/source/read-yaml.ts'
import { fc, runs } from '../../../property.ts'

const read = (text: string) => readYaml(text, 'p.yaml')
const lines = (count: number, line: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => line(n)).join('\n')
const keys = (count: number) => Array.from({ length: count }, (_, n) => `k${n}: 1`).join(', ')

/** Five named maps, and lines that name those before them: as values, in lists, as keys and behind `<<`; a name stands for the last. */
const shared = fc
  .array(fc.tuple(fc.nat(7), fc.nat(4), fc.nat(4)), { maxLength: 8 })
  .map((made) =>
    [...FIVE, ...made.map(([form, one, other], n) => `l${n}: ${formOf(form, n % 5, one, other)}`)].join('\n'),
  )

const FIVE = Array.from(
  { length: 5 },
  (_, n) => `k${n}: &a${n} { x: ${n}, "": ~, __proto__: 1, ${n}: a, y: { z: ${n} } }`,
)

function formOf(form: number, own: number, one: number, other: number): string {
  // none names itself
  const [left, right] = [one, other].map((name) => `*a${name === own ? (own + 1) % 5 : name}`)
  const lists = [`[${left}, ${right}]`, `[<<: ${left}]`]
  const maps = [
    ...[`{ <<: ${left}, x: own }`, `{ x: own, <<: [${left}, ${right}] }`, `{ <<: { q: ${left} }, <<: ${right} }`],
    ...[`{ k: ${left}, "<<": 1 }`, `{ ? &w w : *w }`, `{ n: ${right} }`],
  ]
  return [...lists, ...maps.map((map) => `&a${own} ${map}`)][form]!
}

describe('the values of YAML', () => {
  test.each<[name: string, text: string, value: Json]>([
    ['a date is text', 'a: 2024-01-01', { a: '2024-01-01' }],
    ['on, yes and no are text', 'on: yes\noff: no', { on: 'yes', off: 'no' }],
    ['three numbers are text', 'v: 1.0.0', { v: '1.0.0' }],
    ['what begins with 0 is a number all the same', 'a: 010', { a: 10 }],
    ['shared values', 'a: &x { n: 1 }\nb: *x\nc: *x', { a: { n: 1 }, b: { n: 1 }, c: { n: 1 } }],
    ['merged maps', 'a: &x { n: 1 }\nb: { <<: *x, m: 2 }', { a: { n: 1 }, b: { n: 1, m: 2 } }],
    ['a first line of ---', '---\na: 1', { a: 1 }],
    ['lines that end with CR', 'a: |\r  x\r  y\rb: 1\r', { a: 'x\ny\n', b: 1 }],
    ['lines that end with CRLF', 'a: |\r\n  x\r\nb: 1', { a: 'x\n', b: 1 }],
    [
      'a folded block with Jinja in it',
      'a: >-\n  {%- if n > 2 -%}200{%- endif %}',
      { a: '{%- if n > 2 -%}200{%- endif %}' },
    ],
  ])('%s', (_name, text, value) => {
    expect(read(text)).toMatchObject({ value, findings: [] })
  })

  test('many aliases of something small are fine', () => {
    const text = ['a: &x { n: 1 }', ...Array.from({ length: 3000 }, (_, n) => `b${n}: *x`)].join('\n')
    expect(read(text).findings).toEqual([])
  })
})

describe('tags that break plain YAML (A46, A47)', () => {
  test.each<[name: string, text: string, value: Json]>([
    ['with a colon', 'a: <AUTO>pick one: the best</AUTO>\nb: 1', { a: '<AUTO>pick one: the best</AUTO>', b: 1 }],
    ['with a #', 'a: <AUTO>pick # one</AUTO>', { a: '<AUTO>pick # one</AUTO>' }],
    ['with an apostrophe', "a: <AUTO>the user's: x</AUTO>", { a: "<AUTO>the user's: x</AUTO>" }],
    ['with attributes', 'a: <AUTO task="x: y">pick</AUTO>', { a: '<AUTO task="x: y">pick</AUTO>' }],
    ['inside a text', 'a: Use <AUTO>one: x</AUTO> now # why', { a: 'Use <AUTO>one: x</AUTO> now' }],
    ['one in another', 'a: <AUTO>a: <AUTO>b</AUTO> c</AUTO>', { a: '<AUTO>a: <AUTO>b</AUTO> c</AUTO>' }],
    ['in a list', 'a:\n  - <AUTO>one: x</AUTO>\n  - b', { a: ['<AUTO>one: x</AUTO>', 'b'] }],
    ['in a list of maps', 'a:\n  - k: <AUTO>one: x</AUTO>\n    l: 2', { a: [{ k: '<AUTO>one: x</AUTO>', l: 2 }] }],
    ['in braces', 'a: { b: <AUTO>x: y, or z</AUTO>, c: 1 }', { a: { b: '<AUTO>x: y, or z</AUTO>', c: 1 } }],
    ['over several lines', 'a: <AUTO>one: x\n  two</AUTO>\nb: 2', { a: '<AUTO>one: x two</AUTO>', b: 2 }],
    ['unclosed', 'model: <AUTO>\nb: 1', { model: '<AUTO>', b: 1 }],
    [
      'unclosed beside one with a colon',
      'model: <AUTO>\nb: <AUTO>x: y</AUTO>',
      { model: '<AUTO>', b: '<AUTO>x: y</AUTO>' },
    ],
    ['unclosed with a colon', 'a: <AUTO task: best\nb: 1', { a: '<AUTO task: best', b: 1 }],
    [
      'a block is left as it is',
      'a: <AUTO>x: y</AUTO>\nb:\n  - c: |\n      d: <AUTO>x: y</AUTO>\n    e: 1',
      { a: '<AUTO>x: y</AUTO>', b: [{ c: 'd: <AUTO>x: y</AUTO>\n', e: 1 }] },
    ],
    [
      'quotes are left as they are',
      'a: <AUTO>x: y</AUTO>\nb: "<AUTO>x # y</AUTO>"',
      { a: '<AUTO>x: y</AUTO>', b: '<AUTO>x # y</AUTO>' },
    ],
  ])('%s', (_name, text, value) => {
    expect(read(text)).toMatchObject({ value, findings: [] })
  })

  test('places are those of what was written', () => {
    const { report, findings } = read('a: <AUTO>x: y</AUTO>\nb: { c: <AUTO>x: y</AUTO>, d: z }')
    report('bad_value', ['b', 'd'], 'x')
    report('bad_value', ['b', 'c'], 'x', { within: { line: 1, column: 7 } })
    expect(findings).toMatchObject([
      { line: 2, column: 31 },
      { line: 2, column: 15 },
    ])
  })

  test('further faults are reported at their place in the original text', () => {
    expect(read('a: <AUTO>x: y</AUTO>\nb: [').findings).toMatchObject([{ line: 2, column: 4 }])
  })
})

describe('texts in quotes whose further lines stand too far to the left', () => {
  test.each<[name: string, text: string, value: Json]>([
    ['at the key', 'a:\n  b: "{{ (\n    x\n  ) }}"\n  c: 1', { a: { b: '{{ ( x ) }}', c: 1 } }],
    ['at the margin', 'a:\n  b: "x\n\ny\n  z" # why\n  c: 1', { a: { b: 'x\ny z', c: 1 } }],
    ['in single quotes', "a:\n  - b: 'it''s\n  so'\n    c: 1", { a: [{ b: "it's so", c: 1 }] }],
    ['beside a tag', 'a:\n  b: "x\n  y"\n  c: <AUTO>d: e</AUTO>', { a: { b: 'x y', c: '<AUTO>d: e</AUTO>' } }],
    ['not in a block', 'a:\n  b: "x\n  y"\n  c: |\n    "d\n    e"', { a: { b: 'x y', c: '"d\ne"\n' } }],
  ])('%s', (_name, text, value) => {
    expect(read(text)).toMatchObject({ value, findings: [] })
  })

  test('places are those of what was written', () => {
    const { report, findings } = read('a:\n  b: "x\n  y"\n  c: z')
    report('bad_value', ['a', 'c'], 'x')
    expect(findings).toMatchObject([{ line: 4, column: 6 }])
  })

  test('a quote that is missing stays so', () => {
    expect(read('a:\n  b: "x\n  c: y\n  d: "z"').findings).toMatchObject([{ code: 'yaml_syntax', line: 2 }])
  })
})

/** What is wrong with a text, where (a ¶), and what to do. */
const BROKEN: readonly (readonly [name: string, code: string, says: RegExp, text: string])[] = [
  ['a dedented Jinja line', 'yaml_syntax', /Indent the `\{% %\}` line/, 'a: |\n  x\n¶{% for y in z %}\n  b\n'],
  [
    'a tag',
    'yaml_syntax',
    /`?!ls.*Quote the value if the `!` belongs to it, else remove the tag\./,
    'a: 1\nb: ¶!ls -la',
  ],
  ['a tag on a list', 'yaml_syntax', /!steps is a YAML tag/, 'a: ¶!steps [1]'],
  ['a tag that YAML knows', 'yaml_syntax', /!!binary is a YAML tag/, 'a: ¶!!binary aGk='],
  ['a template without quotes', 'yaml_syntax', /quotes/, 'a: ¶{{ x }}'],
  ['a template and more without quotes', 'yaml_syntax', /quotes/, 'a: ¶{{ x }} y'],
  ['a tag of Jinja without quotes', 'yaml_syntax', /quotes/, 'a: {¶% if x %}y{% endif %}'],
  ['a key twice', 'yaml_duplicate_key', /twice/, 'a: 1\n¶a: 2'],
  ['an alias of nothing', 'yaml_syntax', /anchor `&x`/, 'a: 1\nb: ¶*x'],
  ['an alias that contains itself', 'too_large', /contains itself/, '¶a: &x [*x]'],
  ['a tab', 'yaml_syntax', /[Tt]ab/, '¶\ta: 1'],
  ['two documents', 'yaml_syntax', /one document/, 'a: 1\n¶---\nb: 2'],
  ['a quote that is missing', 'yaml_syntax', /is not closed.*Close it with `\\"`/, 'a:\n  - b: ¶"x\n  - c: y'],
  ['a brace that is missing', 'yaml_syntax', /this map is not closed.*\}/, 'a:\n  - b: ¶{ c: d\n  - e: f'],
  ['a bracket that is missing', 'yaml_syntax', /this list is not closed.*\]/, 'a:\n  b: ¶[c\n  d: e'],
  ['a colon in a text', 'yaml_syntax', /second `: `.*quotes/, 'a: ¶Summarise: it'],
  [
    'a no-break space that indents',
    'yaml_syntax',
    /this line is indented with a character that is not a space, such as a no-break space.*Indent with spaces\./,
    'a:\n  - b: 1\nc:\n¶\u00a0\u00a0d: 1',
  ],
  [
    'a no-break space behind a colon',
    'yaml_syntax',
    /the blank after this colon is not a space; it may be a no-break space/,
    'a: 1\n¶b:\u00a0c',
  ],
  ['curly quotes', 'yaml_syntax', /curly quote/, 'a: { b: “x ¶{{ y }}” }'],
  ['a key too deep', 'yaml_syntax', /deeper than the key above it.*Indent keys alike/, 'a:\n  - b: x\n     ¶c: y'],
  [
    'a map too deep',
    'yaml_syntax',
    /deeper than the key above it/,
    'a:\n  - b: http://x\n\n      more\n      ¶c:\n        d: y',
  ],
  [
    'a colon in a text of several lines',
    'yaml_syntax',
    /Indent keys alike\. Put a text of several lines in quotes or under `\|`/,
    'a: one\n  ¶two: three',
  ],
  ['a colon that is missing', 'yaml_syntax', /expected `key: value`/, 'a: 1\n¶b 2\nc: 3'],
  ['a space that is missing behind a colon', 'yaml_syntax', /expected `key: value`/, 'a:\n  - ¶id:b\n    c: d'],
  ['a space that is missing behind a dash', 'yaml_syntax', /Put a space after the dash/, 'a:\n  -id: ¶b\n   c: d'],
  ['a text in a block that is not indented', 'yaml_syntax', /under `\|`/, 'a:\n  b: |\n  ¶hello\n  there'],
  ['a text behind |', 'yaml_syntax', /next line/, 'a:\n  b: | ¶hello'],
  [
    'a key at a depth of its own',
    'yaml_syntax',
    /the indentation of this line matches no level around it/,
    'a:\n  - b: 1\n¶ c: 2',
  ],
  [
    'a step at a depth of its own',
    'yaml_syntax',
    /the indentation of this line matches no level around it/,
    'a:\n  - b: 1\n   ¶- c: 2',
  ],
  ['an escape that means nothing', 'yaml_syntax', /\\\\d is not an escape/, 'a: "¶\\d+"'],
  ['a value that begins with @', 'yaml_syntax', /start with @.*quotes/, 'a: ¶@me'],
  ['a text in a block within braces', 'yaml_syntax', /start with >.*quotes/, 'a: { b: ¶>-\n  c }'],
  ['a value that begins with *', 'yaml_syntax', /quotes/, 'a: ¶*.md'],
  ['an alias that is merged and stands for nothing', 'yaml_syntax', /anchor `&x`/, 'a: 1\nb:\n  <<: ¶*x'],
  [
    'a merged value that is not a map',
    'yaml_syntax',
    /expected a map or a list of maps below `<<`, got/,
    'a: &x 1\nb: { ¶<<: *x }',
  ],
  [
    'a merged list with a value that is not a map',
    'yaml_syntax',
    /list of maps/,
    'a: &x { n: 1 }\nb: { ¶<<: [*x, 1] }',
  ],
  ['a key that is a list', 'yaml_syntax', /expected a text as key, got a list or a map/, 'a: { ¶[b]: 1 }'],
  ['lists too deep in each other', 'too_large', /deeper than 100 levels/, `a: ${'['.repeat(101)}¶[`],
  ['lists too deep in each other, by dashes', 'too_large', /deeper than 100 levels/, `a:\n ${'- '.repeat(100)}-¶ - b`],
  ['more than can be read', 'too_large', /more than 500000.*for_each/, `a: [${'1,'.repeat(166_664)}1¶,1]`],
  ['an apostrophe', 'yaml_syntax', /double quotes/, "a: 'it'¶s fine'"],
  ['a comma that is missing', 'yaml_syntax', /comma/, 'a: { b: ¶"c" d: e }'],
]

describe('a fault is reported with its place', () => {
  test.each(BROKEN)('%s', (_name, code, says, marked) => {
    const before = marked.slice(0, marked.indexOf('¶')).split('\n')
    const { findings, value } = read(marked.replace('¶', ''))
    const at = { line: before.length, column: before.at(-1)!.length + 1 }
    const found = findings.filter((finding) => finding.line === at.line && finding.column === at.column)
    expect(
      found.map((finding) => finding.code),
      JSON.stringify(findings),
    ).toContain(code)
    expect(JSON.stringify(found)).toMatch(says)
    expect(value).toBe(null)
  })
})

test('a dedented line of a template is reported once, where it begins', () => {
  const text = 'a:\n  b: |\n    x\n{% if y %}\n    z\n{% endif %}\n  c: 1\nd: 2'
  expect(read(text).findings).toMatchObject([{ line: 4, column: 1, hint: expect.stringContaining('Indent') }])
})

test('in lines that end with CR places are counted as in others', () => {
  expect(read('a: 1\rb: 2\r  c: 3\r').findings).toMatchObject([{ code: 'yaml_syntax', line: 3 }])
  expect(read('a: 1\rb: [x,\r  y]\r').locate(['b', 1])).toEqual({ line: 3, column: 3 })
})

test('tags that say what a value is anyway are fine', () => {
  expect(read('a: !!str 12\nb: !!map { c: 1 }\nd: !!seq [!!int 1]')).toMatchObject({
    value: { a: '12', b: { c: 1 }, d: [1] },
    findings: [],
  })
})

test('aliases of aliases are bounded', () => {
  const lists = Array.from({ length: 12 }, (_, n) => `a${n}: &a${n} [${Array(9).fill(n === 0 ? 'x' : `*a${n - 1}`)}]`)
  expect(read(lists.join('\n'))).toMatchObject({ value: null, findings: [{ code: 'too_large' }] })
})

test.each([
  ['one map taken over by many', `a: &a { ${keys(1000)} }\n${lines(600, (n) => `b${n}: { <<: *a }`)}`],
  [
    'maps that each take over all before',
    lines(1500, (n) => `a${n}: &a${n} { ${n > 0 ? `<<: *a${n - 1}, ` : ''}k${n}: 1 }`),
  ],
])('the keys that `<<` merges are bounded: %s', (_name, text) => {
  expect(read(text)).toMatchObject({ value: null, findings: [{ code: 'too_large', line: expect.any(Number) }] })
  expect(read(text).findings[0]!.line).toBeGreaterThan(100)
})

test('a map that takes over another twice as often on each line is looked at once', () => {
  const text = `a0: &a0 { n: 1 }\n${lines(40, (n) => `a${n + 1}: &a${n + 1} { <<: [*a${n}, *a${n}], k${n}: 1 }`)}`
  expect(Object.keys((read(text).value as { a40: object }).a40)).toHaveLength(41)
})

test('lists in lists up to a hundred levels are read', () => {
  expect(read(`a: ${'['.repeat(99)}${']'.repeat(99)}`).findings).toEqual([])
  expect(read(`a:\n ${'- '.repeat(99)}b`).findings).toEqual([])
})

test('anchors, aliases and merges give the values that the parser gives', () => {
  fc.assert(
    fc.property(shared, (text) => {
      const document = parseDocument(text, { merge: true, uniqueKeys: false, logLevel: 'silent' })
      expect(read(text)).toMatchObject({ value: document.toJS({ maxAliasCount: -1 }), findings: [] })
    }),
    runs(300),
  )
})

test('a text of more than 1 MiB is not read', () => {
  expect(read(`a: ${'x'.repeat(1024 * 1024)}`).findings).toMatchObject([{ code: 'too_large' }])
})

test('after its first fall the parser is not asked what else it stumbles over', () => {
  const text = 'a: sh -c "echo {{ x }}" }\nb: { c: sh -c "echo {{ x }}" }\nd: 1\nd: 2'
  const { findings } = read(text)
  expect(findings.filter(({ code }) => code === 'yaml_syntax')).toHaveLength(1)
  expect(findings[0]).toMatchObject({
    line: 2,
    message: expect.stringContaining('nothing may follow it'),
    hint: expect.stringContaining('in quotes'),
  })
})
