import { expect, test } from 'vitest'
import { isBounded, readBoundedYaml } from '../../src/yaml/read.ts'

const read = (text: string) => readBoundedYaml(text, 'it')

test('data comes with its place', () => {
  const said = read('a: 1\nb: [x, { c: null }]\n')
  expect(said).toMatchObject({ value: { a: 1, b: ['x', { c: null }] } })
  expect('where' in said && said.where(5)).toEqual({ line: 2, column: 1 })
  expect(read('')).toMatchObject({ value: null })
})

test.each<[what: string, text: string, message: RegExp, line: number]>([
  ['what is no YAML', 'a: 1\nb: [', /^this is not YAML: /, 2],
  ['a key that stands twice', 'a: 1\na: 2', /^this is not YAML: Map keys must be unique/, 2],
  ['an alias of nothing', 'a: 1\nb: *x', /no anchor `&x`/, 2],
  ['an alias of itself', 'a: &a [*a]', /it is too large after its aliases are expanded/, 1],
  ['lists in lists', `a:\n${'['.repeat(100_000)}`, /^it is nested deeper than 100 levels/, 2],
  ['maps in maps', `${'{a: '.repeat(100_000)}`, /^it is nested deeper than 100 levels/, 1],
  [
    'aliases that multiply',
    Array.from({ length: 40 }, (_, n) => `k${n}: &a${n} [${n ? `*a${n - 1}, *a${n - 1}` : 'x'}]`).join('\n'),
    /it is too large after its aliases are expanded/,
    1,
  ],
])('%s is refused with its place', (_what, text, message, line) => {
  expect(read(text)).toMatchObject({ message: expect.stringMatching(message), place: { line }, isLong: false })
})

test.each([
  ['9007199254740991', 9007199254740991],
  ['-9007199254740993', '-9007199254740993'],
  ['1098765432109876543', '1098765432109876543'],
  ['0x20000000000001', '0x20000000000001'],
  ['1e20', 1e20],
  ['1000000000000000000000.5', '1000000000000000000000.5'],
  ['.inf', '.inf'],
])('%s is a number where that has all its digits, else a text', (written, value) => {
  expect(read(`a: ${written}\n${written}: b`)).toMatchObject({ value: { a: value, [String(value)]: 'b' } })
})

test('a text with too much in it is read no further', () => {
  expect(read('- a\n'.repeat(200_000))).toMatchObject({
    message: expect.stringMatching(/more than 500000/),
    isLong: true,
  })
})

test('data is bounded in depth and in number', () => {
  const deep = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as []
  expect([isBounded(deep(100)), isBounded(deep(101)), isBounded(deep(100_000))]).toEqual([true, false, false])
  expect([isBounded([1, 2, 3], 4), isBounded([1, 2, 3], 3)]).toEqual([true, false])
})
