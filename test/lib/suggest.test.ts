import { expect, it } from 'vitest'
import { nearestWord } from '../../src/lib/suggest.ts'

it.each([
  ['provders', 'providers'],
  ['Roots', 'roots'],
  ['pluginz', 'plugins'],
  ['FILE_SYSTEM_READER', 'filesystem-reader'],
  ['filesytsem-reader', 'filesystem-reader'],
])('%s is near %s', (word, known) => {
  expect(nearestWord(word, ['model', 'providers', 'plugins', 'roots', 'filesystem-reader'])).toBe(known)
})

it('the nearest of several wins', () => {
  expect(nearestWord('steps', ['step', 'stems', 'steps_'])).toBe('step')
})

it.each([['banana'], ['id'], [''], ['x'.repeat(5000)]])('nothing is near %s', (word) => {
  expect(nearestWord(word, ['model', 'roots', 'at'])).toBeUndefined()
})

it.each([
  ['raed', 'read'],
  ['nmae', 'name'],
  ['lst', 'list'],
])('%s is a slip for %s', (word, known) => {
  expect(nearestWord(word, ['read', 'name', 'list', 'write'])).toBe(known)
})

it.each([
  ['date', 'path'],
  ['size', 'safe'],
  ['len', 'min'],
  ['print', 'int'],
])('%s is another word than %s', (word, known) => {
  expect(nearestWord(word, [known])).toBeUndefined()
})

it('a letter is not near a word that has it', () => {
  expect(nearestWord('md5', ['d'])).toBeUndefined()
})

it('no words, no suggestion', () => {
  expect(nearestWord('model', [])).toBeUndefined()
})
