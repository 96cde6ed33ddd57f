import { expect, test } from 'vitest'
import { stepOf } from '../../../src/chain/questions/follow-up.ts'
import { hit } from '../phases/fixture.ts'

const from = hit('v1')

test.each([
  ['And on the next slide?', 'next', 'page'],
  ['What is on the page before that?', 'previous', 'page'],
  ['What does the previous subtitle say?', 'previous', 'passage'],
  ['and in the chapter after it', 'next', 'passage'],
] as const)('%s', (question, to, by) => {
  expect(stepOf(question, from)).toEqual({ from, to, by })
  expect(stepOf(question, undefined)).toBeUndefined()
})

test.each(['What is the next step?', 'Which slide has the total?', 'What happens next?'])(
  '%s steps nowhere',
  (text) => {
    expect(stepOf(text, from)).toBeUndefined()
  },
)
