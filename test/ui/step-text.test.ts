import { expect, test } from 'vitest'
import { waitText } from '../../ui/run/step-text.ts'

test('the wait of a step is said in words', () => {
  const shop = { tool: 'shop', action: 'refund' }
  const own = { tool: 'refund', action: 'refund' }
  const say = { tool: null, action: 'signal' }
  expect(waitText({ ...shop, waits_for: 'signal:call:call_1' })).toBe(
    'the decision of a person about the call shop:refund',
  )
  expect(waitText({ ...own, waits_for: 'signal:call:x:y' })).toBe('the decision of a person about the call refund')
  expect(waitText({ ...say, waits_for: 'signal:tide:high' })).toBe('the answer tide:high')
  expect(waitText({ ...own, waits_for: 'budget:agent/desk' })).toBe('money: the budget agent/desk has too little left')
  expect(waitText({ ...own, waits_for: 'code' })).toBe('a process with the code of the call refund')
  expect(waitText({ ...own, waits_for: 'pool' })).toBe('a place in its pool')
})
