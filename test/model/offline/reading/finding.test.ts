import { describe, expect, it } from 'vitest'
import {
  boundConfidence,
  indexDocuments,
  quotePassages,
  withinWords,
} from '../../../../src/model/offline/reading/reading.ts'

const passages = (text: string) => indexDocuments([{ name: 'a.md', text }], {}).passages

describe('bounded', () => {
  it.each([
    [3, 0.7],
    [0.71, 0.7],
    [0.45678, 0.457],
    [-1, 0],
  ])('%d is shown as %d', (confidence, shown) => {
    expect(boundConfidence(confidence)).toBe(shown)
  })
})

describe('quotePassages', () => {
  it('lets sentences flow, and gives items lines of their own', () => {
    expect(quotePassages(passages('One. Two.\n\n- three\n- four')).text).toBe('One. Two.\nthree\nfour')
  })

  it('says where in the text each passage stands, marks left out', () => {
    const { text, quotes } = quotePassages(passages('One. Two.'), '- ')
    expect(text).toBe('- One.\n- Two.')
    expect(quotes.map(({ at }) => text.slice(at?.start, at?.end))).toEqual(['One.', 'Two.'])
  })
})

describe('withinWords', () => {
  it('stops before the first passage that is too much, and keeps one in any case', () => {
    const three = passages('One two. Three four five. Six.')
    expect([1, 2, 4, 5, 6].map((words) => withinWords(three, words).length)).toEqual([1, 1, 1, 2, 3])
  })
})
