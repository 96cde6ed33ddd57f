import { expect, test } from 'vitest'
import { checkCitations, stripCitations } from '../../../src/chain/retrieval/citations.ts'
import type { Hit } from '../../../src/thread/protocol/phase-types.ts'
import { fc, runs } from '../../property.ts'
import { secondsFor } from '../../template/fixture.ts'

const hit = (vid: string): Hit => ({
  vid,
  source: 's',
  file: 'a.md',
  line: 1,
  endLine: 1,
  heading: '',
  text: 't',
  score: 1,
})
const hits = ['v1', 'v2', 'v3'].map(hit)
const check = (text: string, options = {}) => {
  const { cited, ...rest } = checkCitations(text, hits, options)
  return { ...rest, cited: cited.map(({ vid }) => vid) }
}

test('retrieved texts are cited once, in the order in which they first occur', () => {
  const text = 'b <vid>v2</vid> a <vid>v1</vid> b again <vid>v2</vid>'
  expect(check(text)).toEqual({ text, cited: ['v2', 'v1'], invalid: [] })
})

test('a citation of a text that was not retrieved loses its tag and is reported', () => {
  expect(check('x <vid>evil</vid> y <vid>v1</vid> z <vid>evil</vid>')).toEqual({
    text: 'x evil y <vid>v1</vid> z evil',
    cited: ['v1'],
    invalid: ['evil'],
  })
})

test('a tag with several ids is taken apart', () => {
  expect(check('<vid>v1, v9 v2</vid>')).toEqual({
    text: '<vid>v1</vid> v9 <vid>v2</vid>',
    cited: ['v1', 'v2'],
    invalid: ['v9'],
  })
})

test('tags that are broken or nested leave no tag behind', () => {
  expect(check('<vid><vid>v1</vid> and </vid> and <vid>').text).toBe('<vid>v1</vid> and  and ')
})

test('a tag that appears only because another one was removed is not a tag', () => {
  expect(check('<v<vid>id></vid>v9</v<vid>id></vid>').text).toBe('‹vid>v9‹/vid>')
  expect(check('<v<vid>id></vid>v1</v<vid>id></vid>')).toMatchObject({ text: '<vid>v1</vid>', cited: ['v1'] })
})

test('an id in square brackets is a citation where it was retrieved', () => {
  expect(check('a [v1], b [v2, v3]. c [v9] [v1](x)')).toEqual({
    text: 'a <vid>v1</vid>, b <vid>v2</vid> <vid>v3</vid>. c [v9] [v1](x)',
    cited: ['v1', 'v2', 'v3'],
    invalid: [],
  })
})

test('#n is plain text, unless ranks are asked for; then only a rank that exists counts', () => {
  expect(check('see issue #2')).toEqual({ text: 'see issue #2', cited: [], invalid: [] })
  expect(check('see #2 and #7, not a#1', { ranks: true })).toEqual({
    text: 'see <vid>v2</vid> and #7, not a#1',
    cited: ['v2'],
    invalid: [],
  })
})

test('only known ids stay in tags, for any text of a model', () => {
  const piece = fc.constantFrom('<vid>', '</vid>', '<v', 'id>', '</v', 'v1', 'v9', ' ', '<', '>')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const { text, cited } = checkCitations(pieces.join(''), hits)
      expect(new Set(text.match(/(?<=<vid>)v[123](?=<\/vid>)/g))).toEqual(new Set(cited.map(({ vid }) => vid)))
      // something in their place, so that what stood around a tag does not become one
      expect(text.replace(/<vid>v[123]<\/vid>/g, '·')).not.toMatch(/<\/?vid>/)
    }),
    runs(2000),
  )
})

test('citations are removed quickly from a long text of nearly only tags', () => {
  const long = ' \n'.repeat(30_000)
  expect(secondsFor(() => expect(stripCitations(`${long}<vid>v1</vid>x${long}y`)).toBe(`x${long}y`))).toBeLessThan(0.5)
})

test('a text without its citations', () => {
  expect(stripCitations('One <vid>v1</vid>. Two<vid>v2</vid>, three</vid>.')).toBe('One. Two, three.')
})
