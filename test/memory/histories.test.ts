import { test } from 'vitest'
import { fc, runs } from '../property.ts'
import { openFile } from './folder.ts'
import { checkHistory, history } from './history-model.ts'

test('random histories agree with a naive model at each instant', async () => {
  await fc.assert(
    fc.asyncProperty(history, ([ops, restart]) => checkHistory(openFile(), ops, restart)),
    runs(3),
  )
})
