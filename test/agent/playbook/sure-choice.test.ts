import { expect, test } from 'vitest'
import { sureChoice } from '../../../src/agent/playbook/sure-choice.ts'

const PLAYBOOKS = [{ name: 'tidy' }, { name: 'count' }]

test.each([
  [{ text: 'tidy' }, 'tidy'],
  [{ text: 'tidy', unsure: true as const }, null],
  [{ text: 'tidy', refused: 'no' }, null],
  [{ text: 'none' }, null],
])('the choice %j counts as %j', (reply, chosen) => {
  expect(sureChoice(PLAYBOOKS, reply)).toBe(chosen)
})
