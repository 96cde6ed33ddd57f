import { expect, test } from 'vitest'
import { citeQuotes, hitText, placesIn, quotedLines } from '../../../src/chain/retrieval/quotes.ts'
import type { Hit } from '../../../src/thread/protocol/phase-types.ts'

const text = 'The **lake** is forty\nmetres deep. Few dive\nthere.'
const hit: Hit = { vid: 'v1', source: 's', file: 'a.md', line: 10, endLine: 12, heading: '', text, score: 1 }
const quote = (start: number, end: number) => ({ document: 'v1.md', text: text.slice(start, end), start, end })
const [deep, dive] = [quote(0, 34), quote(35, text.length)]

test('each quoted sentence is followed by its citation, though it reads otherwise than it is written', () => {
  expect(citeQuotes('The lake is forty metres deep. Few dive there.', [deep, dive], [hit])).toBe(
    'The lake is forty metres deep. <vid>v1</vid> Few dive there. <vid>v1</vid>',
  )
})

test('the heading above a hit moves no line', () => {
  const under: Hit = { ...hit, heading: 'Lakes › Depth' }
  const start = hitText(under).indexOf('Few')
  const below = { document: 'v1.md', text: '', start, end: hitText(under).length }
  expect(quotedLines(under, [below])).toEqual({ line: 11, endLine: 12, text: 'Few dive\nthere.' })
  expect(citeQuotes('Few dive there.', [below], [under])).toBe('Few dive there. <vid>v1</vid>')
})

test('rows are seen below their column names, and quoted without them', () => {
  const rows: Hit = { ...hit, file: 'a.html', heading: 'Lakes › lake — depth', text: '| Mirror | 40 |\n| Clear | 9 |' }
  const seen = hitText(rows)
  expect(seen).toBe(`# Lakes\n\n| lake | depth |\n| --- | --- |\n${rows.text}`)
  const quote = { document: 'v1.html', text: 'lake: Clear, depth: 9', start: seen.indexOf('| Clear'), end: seen.length }
  expect(quotedLines(rows, [quote])).toEqual({ line: 11, endLine: 11, text: '| Clear | 9 |' })
  expect(citeQuotes('lake: Clear, depth: 9', [quote], [rows])).toBe('lake: Clear, depth: 9 <vid>v1</vid>')
})

test('a hit that is code by its content has no heading above it', () => {
  const code: Hit = {
    ...hit,
    file: 'notes.txt',
    heading: 'Tide',
    text: 'def ebb(tide):\n    fall = tide / 2\n    return fall\n',
  }
  expect(hitText(code)).toBe(code.text)
  expect(hitText({ ...code, text: 'The tide falls.' })).toBe('# Tide\n\nThe tide falls.')
})

test('a quote that is not found in the text is cited once at its end', () => {
  expect(citeQuotes('40 m', [deep, dive], [hit])).toBe('40 m <vid>v1</vid>')
})

test('a quote from a text that is not a hit is not cited; a text that cites itself stays as it is', () => {
  expect(citeQuotes('40 m', [{ ...deep, document: 'conversation' }], [hit])).toBe('40 m')
  expect(citeQuotes('40 m <vid>v2</vid>', [deep], [hit])).toBe('40 m <vid>v2</vid>')
})

test('a citation names the lines that were quoted, else all of the hit', () => {
  expect(quotedLines(hit, [dive])).toEqual({ line: 11, endLine: 12, text: 'Few dive\nthere.' })
  expect(quotedLines(hit, [deep, dive])).toMatchObject({ line: 10, endLine: 12 })
  expect(quotedLines(hit, [{ document: 'v1', text: 'forty' }])).toEqual({ line: 10, endLine: 12, text })
})

test('each mark of a hit has the place of its own quote, in the order of the answer', () => {
  const twice = 'Few dive there. <vid>v1</vid> Or: The lake is forty metres deep. <vid>v1</vid> So. <vid>v1</vid>'
  const [whole, first] = [
    { line: 10, endLine: 12, text },
    { line: 10, endLine: 11, text: deep.text },
  ]
  const quotes = [{ line: 11, endLine: 12, text: 'Few dive\nthere.' }, first, whole]
  expect(placesIn(twice, hit, [deep, dive])).toEqual({ ...whole, quotes })
  expect(placesIn('The lake is forty metres deep. <vid>v1</vid>', hit, [deep])).toEqual(first)
  const page = { ...hit, at: 'page=3' }
  expect(placesIn(twice, page, [deep, dive])).toMatchObject({ at: 'page=3', quotes: [{ at: 'page=3' }, {}, {}] })
  const words = placesIn(twice, { ...hit, at: ':~:text=The' }, [deep, dive]).quotes
  expect(words?.map(({ at }) => at)?.slice(0, 2)).toEqual([':~:text=Few%20dive', ':~:text=The%20lake%20is%20forty'])
})

test('quotes with the same words, or the last words of another, have places of their own', () => {
  const same = { ...hit, text: 'hunts.\n\nThe owl hunts.\n\nhunts.', endLine: 14 }
  const at = (start: number, end: number) => ({ document: 'v1.md', text: same.text.slice(start, end), start, end })
  const quotes = [at(0, 6), at(8, 22), at(24, 30)]
  const cited = citeQuotes('hunts. The owl hunts. hunts.', quotes, [same])
  expect(placesIn(cited, same, quotes).quotes?.map(({ line }) => line)).toEqual([10, 12, 14])
})

test('a hit of a file whose name ends oddly is cited as any other', () => {
  expect(citeQuotes('40 m', [{ ...deep, document: 'v1.m\nd' }], [hit])).toBe('40 m <vid>v1</vid>')
})
