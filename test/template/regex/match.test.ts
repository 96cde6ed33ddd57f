import { describe, expect, it } from 'vitest'
import { createRenderMachine } from '../../../src/template/machine/machine.ts'
import { compilePattern } from '../../../src/template/regex/compile.ts'
import { findMatch, hasMatch } from '../../../src/template/regex/match.ts'
import { fc, runs } from '../../property.ts'
import { scopeOf, secondsFor, thrownBy } from '../fixture.ts'

const find = (pattern: string, text: string, machine = createRenderMachine(scopeOf({}))) => {
  const program = compilePattern(pattern, machine)
  const match = findMatch(program, text, 0, machine)
  const groups = Array.from({ length: program.groups + 1 }, (_group, index) => {
    const [start, end] = [match?.[index * 2], match?.[index * 2 + 1]]
    return start === undefined || end === undefined ? undefined : text.slice(start, end)
  })
  return match ? { at: match[0], groups } : undefined
}

describe('a pattern finds', () => {
  it.each([
    ['[0-9]+', 'a 12 b 3', ['12']],
    [String.raw`\.md$`, 'a.md.md', ['.md']],
    ['(a+)(b+)?', 'caad', ['aa', 'aa', undefined]],
    ['a.*?c', 'xabcabc', ['abc']],
    ['a.*c', 'xabcabc', ['abcabc']],
    ['^b', 'a\nb', undefined],
    ['(?m)^b$', 'a\nb\nc', ['b']],
    ['b$', 'a\nb\n', ['b']],
    ['(?i)ÄB', 'xäb', ['äb']],
    ['(?i)[^a]', 'Ab', ['b']],
    ['(?s)a.b', 'a\nb', ['a\nb']],
    ['a.b', 'a\nb', undefined],
    [String.raw`\bcat\b`, 'concat cat', ['cat']],
    [String.raw`(?P<year>\d{4})-(?<month>\d{2})`, 'on 2026-03', ['2026-03', '2026', '03']],
    ['(?:foo|bar){2}', 'xfoobar', ['foobar']],
    ['x{,2}y', 'xxxy', ['xxy']],
    ['[]a]+', 'b]a]', [']a]']],
    ['(b)$', 'a\nb\n', ['b', 'b']],
    [String.raw`b\n$`, 'b\n', ['b\n']],
    ['(?m)$', 'a\nb\n', ['']],
    [String.raw`b\Z`, 'b\n', undefined],
    [String.raw`(x)?y$|(z)\n$`, 'z\n', ['z\n', undefined, 'z']],
    [String.raw`\w+`, '(über)', ['über']],
    [String.raw`[\W_]+`, 'é_‿ é', ['_‿ ']],
    [String.raw`[^\W\d]+`, '1éa2', ['éa']],
    [String.raw`\p{Emoji_Presentation}|\p{Script=Han}`, 'a漢', ['漢']],
    [String.raw`[\w.-]+@[\w-]+\.\w+`, 'to: me.x@my-host.org!', ['me.x@my-host.org']],
    [String.raw`\u00e9\x41\t`, 'éA\t', ['éA\t']],
    ['.', '🙂', ['🙂']],
    ['a{x', 'a{x', ['a{x']],
    ['(a*)*', 'aab', ['aa', 'aa']],
    [String.raw`\p{L}+`, '1 Ünïcode', ['Ünïcode']],
    [String.raw`[^\P{Script=Greek}]+`, 'an ἄλφα', ['ἄλφα']],
  ])('%s in %j', (pattern, text, groups) => {
    expect(find(pattern, text)?.groups).toEqual(groups)
  })
})

describe('a pattern is refused', () => {
  it.each([
    ['(a', "a '(' is never closed"],
    ['a)', "')' closes nothing"],
    ['*a', "'*' repeats nothing"],
    ['a**', "'*' repeats nothing"],
    ['[a', "a '[' is never closed"],
    [String.raw`\p{Nothing}`, 'there is no property Nothing of characters'],
    ['[z-a]', 'a range in [ ] runs backwards'],
    ['a{3,2}', 'a repetition counts backwards'],
    ['(?=a)', 'look-around and other (? groups are not supported'],
    ['(?<!a)b', 'look-around and other (? groups are not supported'],
    [String.raw`(a)\1`, 'back-references are not supported'],
    ['(((a{99}){99}){99}){99}', 'its repetitions multiply to too much'],
    ['((((|){999}){999}){999}){999}', 'its repetitions multiply to too much'],
    ['('.repeat(100), 'groups nest too deeply'],
    ['a{1001}', 'its repetitions multiply to too much'],
    ['(?i:a)', 'look-around and other (? groups are not supported'],
    [String.raw`a\q`, String.raw`there is no escape '\q' (at 2)`],
    [String.raw`[a\9]`, 'back-references are not supported (at 3)'],
    ['a'.repeat(501), 'the pattern is longer than 500 characters'],
    ['a\\', "'\\' stands at the end"],
  ])('%s', (pattern, message) => {
    const thrown = thrownBy(() => find(pattern, 'a'))
    expect(thrown.code).toBe('template_failed')
    expect(thrown.message).toContain(message)
  })
})

it.each([
  [String.raw`\w`, /[\p{L}\p{N}_]/u],
  [String.raw`\s`, /\s/u],
])('%s and its complement mean the same outside and inside of brackets', (letter, meant) => {
  const other = letter.toUpperCase()
  const machine = createRenderMachine(scopeOf({}), { steps: 100_000_000 })
  const inBlocks = Array.from({ length: 0x400 }, (_, block) => Array.from({ length: 64 }, (_, at) => 64 * block + at))
  const blocks = [...inBlocks, [0x10400, 0x1f600, 0x20000, 0xe0001, 0x10ffff]].map((codes) =>
    codes.map((code) => String.fromCodePoint(code)).filter((sign) => !/\p{Cs}/u.test(sign)),
  )
  const fits = (sign: string) => meant.test(sign)
  for (const pattern of [letter, `[${letter}]`, `[^${other}]`, other, `[${other}]`, `[^${letter}]`]) {
    const isOther = [other, `[${other}]`, `[^${letter}]`].includes(pattern)
    const program = compilePattern(pattern, machine)
    const wrong = blocks.flat().filter((sign) => hasMatch(program, sign, machine) !== (fits(sign) !== isOther))
    expect([pattern, ...wrong]).toEqual([pattern])
  }
})

it('the work of a search counts, also where it finds nothing', () => {
  const machine = createRenderMachine(scopeOf({}), { steps: 50_000 })
  const program = compilePattern('[ab]*c|a', machine)
  const text = 'a'.repeat(20_000)
  const findAll = () => {
    for (let from = 0; from < text.length; from++) findMatch(program, text, from, machine)
  }
  expect(thrownBy(findAll).code).toBe('template_limit')
})

it('a pattern that makes a backtracking engine hang takes no time', () => {
  const seconds = secondsFor(() => {
    expect(find('(a|a)*(a|aa)*$', `${'a'.repeat(20_000)}b`)?.groups).toEqual(['', undefined, undefined])
    expect(find('(x+x+)+y', 'x'.repeat(20_000))).toBeUndefined()
  })
  expect(seconds).toBeLessThan(1)
})

const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', 'c')
const piece: fc.Arbitrary<string> = fc.letrec<{ piece: string; group: string }>((tie) => ({
  piece: fc.oneof({ maxDepth: 3 }, atom, tie('group')),
  group: fc
    .tuple(
      fc.array(tie('piece'), { minLength: 1, maxLength: 3 }),
      fc.array(tie('piece'), { minLength: 1, maxLength: 2 }),
      fc.boolean(),
    )
    .map(([left, right, both]) => `(${left.join('')}${both ? `|${right.join('')}` : ''})`),
})).piece
const edge = fc.constantFrom('', '', '^', '$', '\\b', '\\B')
const repeated = fc
  .tuple(piece, fc.constantFrom('', '', '?', '{2}', '{1,2}', '??'))
  .map(([inner, times]) => inner + times)

it('finds what JavaScript finds', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 4, arbitrary: repeated }, edge), { minLength: 1, maxLength: 5 }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 10 }),
      (parts, text) => {
        const pattern = parts.join('')
        const theirs = new RegExp(pattern, 'u').exec(text)
        const machine = createRenderMachine(scopeOf({}))
        const ours = find(pattern, text, machine)
        expect(ours?.at).toBe(theirs?.index)
        expect(ours?.groups[0]).toBe(theirs?.[0])
        expect(hasMatch(compilePattern(pattern, machine), text, machine)).toBe(theirs !== null)
      },
    ),
    runs(2000),
  )
})
