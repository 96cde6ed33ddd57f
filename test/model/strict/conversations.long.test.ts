import { expect, it } from 'vitest'
import { CONVERSATIONS } from './conversations.ts'
import { faultsOf, playAll } from './talks.ts'

it('each conversation goes well with each provider: nothing is refused, each call is made once, and the history is what the model said', async () => {
  expect(Object.keys(CONVERSATIONS).length).toBeGreaterThanOrEqual(30)
  const played = await playAll(Object.entries(CONVERSATIONS))
  expect(faultsOf(played)).toEqual([])
})
