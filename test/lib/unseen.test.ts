import { describe, expect, it } from 'vitest'
import { showOnOneLine, showUnseen } from '../../src/lib/unseen.ts'
import { threadTime } from '../thread-time.ts'

describe('signs that no reader sees', () => {
  const signs: readonly (readonly [string, string])[] = [
    ['\u202e', '\\u202e'],
    ['\u2066', '\\u2066'],
    ['\u2069', '\\u2069'],
    ['\u200b', '\\u200b'],
    ['\u200c', '\\u200c'],
    ['\u200d', '\\u200d'],
    ['\u200e', '\\u200e'],
    ['\u200f', '\\u200f'],
    ['\u061c', '\\u061c'],
    ['\u00ad', '\\u00ad'],
    ['\u034f', '\\u034f'],
    ['\u115f', '\\u115f'],
    ['\u180e', '\\u180e'],
    ['\u2028', '\\u2028'],
    ['\u2029', '\\u2029'],
    ['\u2060', '\\u2060'],
    ['\u2064', '\\u2064'],
    ['\u206a', '\\u206a'],
    ['\u3164', '\\u3164'],
    ['\ufe00', '\\ufe00'],
    ['\ufe0f', '\\ufe0f'],
    ['\ufeff', '\\ufeff'],
    ['\uffa0', '\\uffa0'],
    ['\ufff9', '\\ufff9'],
    ['\u{e0001}', '\\u{e0001}'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\u{e0100}', '\\u{e0100}'],
    ['\u{e01ef}', '\\u{e01ef}'],
    ['\u{1d173}', '\\u{1d173}'],
    ['\u{1bca0}', '\\u{1bca0}'],
  ]

  it.each(signs)('%j is shown as %s', (sign, shown) => {
    expect(showUnseen(`a${sign}b`)).toBe(`a${shown}b`)
    expect(showUnseen(`${sign}${sign}`)).toBe(`${shown}${shown}`)
  })

  it.each([
    ['a joiner beside a letter', '👩\u200da', '👩\\u200da'],
    ['a second joiner', '👩\u200d\u200d🚀', '👩\\u200d\\u200d🚀'],
    ['a joiner at the end of a word', 'می\u200c', 'می\\u200c'],
    ['a variant of a digit', '1\ufe0f2', '1\\ufe0f2'],
    ['two variants', '⚠\ufe0f\ufe0f', '⚠\ufe0f\\ufe0f'],
    ['a text of tags', '🏴\u{e0067}\u{e007f}', '🏴\\u{e0067}\\u{e007f}'],
  ])('so is %s', (_, text, shown) => {
    expect(showUnseen(text)).toBe(shown)
  })

  it.each([
    '👩\u200d🚀 👩🏽\u200d🚀 ❤\ufe0f\u200d🔥 👨\u200d👩\u200d👧',
    '⚠\ufe0f ☎\ufe0e 1\ufe0f\u20e3 #\ufe0f\u20e3',
    'می\u200cشود',
    'क्\u200dष क्\u200cष',
    '葛\u{e0100}城',
    '\u0600\u06dd',
    'שלום, Ünïcode, 日本語\ttab\nline',
    '',
  ])('%j stays', (text) => {
    expect(showUnseen(text)).toBe(text)
  })
})

it('a text on one line has no control character', () => {
  expect(showOnOneLine('a\nb\u001b[2J\u009b\u202e')).toBe('a\\nb\\u001b[2J\\u009b\\u202e')
})

it('a long text takes no long time', () => {
  const begun = threadTime()
  showUnseen('\u200d'.repeat(200_000) + 'ا\u200c'.repeat(100_000))
  expect(threadTime() - begun).toBeLessThan(2000)
})
