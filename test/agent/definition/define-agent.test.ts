import { expect, test } from 'vitest'
import { z } from 'zod'
import { partsOfAgent } from '../../../src/agent/definition/agent-value.ts'
import { defineAgent } from '../../../src/agent/definition/define-agent.ts'
import { defineTool } from '../../../src/tool/tool.ts'

const refund = defineTool({
  name: 'refund',
  description: 'Pays an order back',
  effect: 'at-most-once',
  input: z.object({ order: z.string() }),
  execute: () => ({}),
})

const PLAIN = { name: 'support', instructions: 'You help customers.' }

test('an agent of a program has the values of all keys, and is frozen', () => {
  const asked = defineAgent({ ...PLAIN, name: 'shipping' })
  const agent = defineAgent({
    ...{ ...PLAIN, tools: [refund, 'filesystem:read'], approve: [refund], agents: [asked, 'clerk'] },
    ...{ deadline: '30m', patience: 5, onUnknown: 'tell', onFailure: 'undo', recall: 'agent', budget: 0.5 },
  })
  expect(agent).toMatchObject({ name: 'support', description: '', tools: [refund, 'filesystem:read'] })
  expect(Object.isFrozen(agent)).toBe(true)
  expect(partsOfAgent(agent)).toMatchObject({
    fields: {
      tools: ['refund', 'filesystem:read'],
      approve: ['refund'],
      agents: ['shipping', 'clerk'],
      deadline: 1800,
    },
    ...{ code: [refund], agents: [asked], own: ['refund', 'refund'] },
  })
  expect(partsOfAgent(agent)!.fields).toMatchObject({ on_unknown: 'tell', on_failure: 'undo', patience: 5 })
})

test.each([
  [{ maxTruns: 3 }, 'maxTruns', 'the key `maxTruns` is unknown', 'Did you mean maxTurns?'],
  [{ on_unknown: 'ask' }, 'on_unknown', 'the key `on_unknown` is unknown', 'Did you mean onUnknown?'],
  [{ maxTurns: 'many' }, 'maxTurns', '`maxTurns`: expected a number, got "many"'],
  [{ maxTokens: 0 }, 'maxTokens', '`maxTokens`: expected a number of 1 or more, got 0'],
  [{ reasoning: 'high' }, 'reasoning', '`reasoning`: expected a map of effort or tokens, got "high"'],
  [{ reasoning: {} }, 'reasoning', '`reasoning`: expected either `effort` or `tokens`, got {}'],
  [
    { reasoning: { effort: 'much' } },
    'reasoning.effort',
    '`reasoning.effort`: expected one of none, minimal, low, medium, high, xhigh, max, got "much"',
  ],
  [{ reasoning: { tokens: -1 } }, 'reasoning.tokens', '`reasoning.tokens`: expected a number of 0 or more, got -1'],
  [{ budget: -1 }, 'budget', '`budget`: expected a number of 0 or more, got -1'],
  [{ deadline: 'soon' }, 'deadline', '`deadline`: expected seconds, or a time such as 30m, 2h or 1d, got "soon"'],
  [{ onUnknown: 'guess' }, 'onUnknown', '`onUnknown`: expected one of ask, tell, fail, got "guess"'],
  [{ tools: ['Read', 7] }, 'tools.1', '`tools.1`: expected a string, got 7'],
  [{ tools: [refund, { ...refund }] }, 'tools', 'there are two different tools of the name `refund`'],
  [{ name: 'Support desk' }, 'name', '`name`: expected lower-case letters, digits and `-`, at most 64'],
  [{ instructions: '' }, 'instructions', '`instructions`: expected a text that is not empty'],
  [{ skills: ['letters'] }, 'skills.0', '`skills.0`: expected a skill with `name`, `description` and `body`'],
  [{ playbook: 'a.yaml' }, 'description', 'there is no `description`: expected a text that says what the agent is for'],
])('%j is refused at its key', (wrong, path, message, hint?: string) => {
  const define = () => defineAgent({ ...PLAIN, ...(wrong as object) })
  expect(define).toThrow(
    expect.objectContaining({ name: 'InvalidError', code: 'invalid_agent', place: { path }, message }),
  )
  if (hint) expect(define).toThrow(expect.objectContaining({ hint }))
})
