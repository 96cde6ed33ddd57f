import { test } from 'vitest'
import { fc, runs } from '../property.ts'
import { openFile } from './folder.ts'
import { checkHistory, type History, history } from './history-model.ts'

const fact = { type: 'fact', owner: 0, subject: 0 } as const
const forget = { type: 'forget', owner: 0, by: 'newest', subject: 0 } as const

/** Facts that begin later: of work before one of a person, and one that is forgotten before its time. */
const planted: readonly [History][] = [
  [
    [
      [
        { ...fact, text: 0, back: -4, isWork: true },
        { ...fact, text: 1, isWork: false },
        { type: 'undo', owner: 1 },
      ],
      9,
    ],
  ],
  [[[{ ...fact, text: 0, isWork: false }, { ...fact, text: 1, back: -4, isWork: false }, forget], 9]],
]

test('random histories agree with a naive model at each instant', async () => {
  await fc.assert(
    fc.asyncProperty(history, ([ops, restart]) => checkHistory(openFile(), ops, restart)),
    { numRuns: runs(3).numRuns + planted.length, examples: [...planted] },
  )
})
