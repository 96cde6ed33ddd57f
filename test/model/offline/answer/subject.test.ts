import { expect, test } from 'vitest'
import { lackedWords, subjectOf } from '../../../../src/model/offline/answer/subject.ts'

test.each([
  ['How much does the new tank hold?', ['new', 'tank']],
  ['How long did the pump need before the repair?', ['pump']],
  ['What is the default of the option strict?', ['default', 'strict']],
  ['When was Bookworm released?', ['Bookworm']],
  ['Where is the office?', ['office']],
  ['Which code is sent for it?', []],
  ['Who may vote?', []],
])('the subject of %j is %j', (question, words) => {
  expect(subjectOf(question)).toEqual(words)
})

test('a longer form of a word is the word, and an identifier has its parts', () => {
  expect(lackedWords(['guest', 'maxAge', 'steel'], new Set(['guests', 'max', 'age']))).toEqual(['steel'])
})
