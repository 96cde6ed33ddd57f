import { z } from 'zod'
import { json, maybe } from '../../../document.ts'
import { id, page } from '../../../house/common-fields.ts'
import { describe, pages } from '../../../house/describe.ts'
import { encodeCursor } from '../../../house/paging.ts'
import { agentOperations } from '../../facts.ts'
import { agentDocument, agentSummary, putAgent } from './documents.ts'

const byName = ({ owner, name }: { readonly owner: string; readonly name: string }) =>
  encodeCursor(undefined, `${owner}/${name}`)

/** A key whose value is checked with the whole definition, so that a mistake has a place and a hint. */
const key = (description: string) => maybe(json).meta({ description })

const definition = z
  .looseObject({
    instructions: key('the instructions for the model, a text; required'),
    description: key('what the agent is for'),
    tools: key('names of tools; absent: none'),
    model: key('a model, or a list: the next one is asked when those before it fail'),
    approve: key('which calls wait for a person: no fewer than antiphon.yaml says'),
    budget: key('dollars that a goal may spend, at most as antiphon.yaml allows'),
    deadline: key('seconds, or a time such as `20m`, at most as antiphon.yaml allows'),
    maxTurns: key('rounds of a goal, at most as antiphon.yaml allows'),
    maxTokens: key('tokens of one reply with its thoughts, at most as antiphon.yaml allows'),
    reasoning: key('how much the model thinks: `{ effort }` or `{ tokens }`'),
    output: key('the JSON Schema of the answer, which is an object'),
  })
  .meta({ description: 'the keys of `defineAgent` as data, without `playbook` and servers' })

/** Agents at run time: put, list, read, remove. */
export const AGENTS = describe(agentOperations, {
  'agents.put': {
    scope: 'agents',
    passes: 'trust',
    summary: 'Put an agent; earlier versions stay available',
    body: z.strictObject({ definition }),
    answer: { about: 'the agent is stored', schema: putAgent },
    errors: ['invalid_agent', 'agent_taken', 'too_many_agents', 'storage'],
  },
  'agents.list': {
    scope: 'read',
    passes: 'filter',
    summary: 'List agents that were put, by owner and name',
    query: z.object(page),
    answer: pages('a page of agents', agentSummary, byName),
    errors: ['bad_cursor'],
  },
  'agents.get': {
    scope: 'read',
    passes: 'owner',
    summary: 'Show the definition and the versions of an agent that was put',
    query: z.object({ version: maybe(id).meta({ description: 'hash of a version' }) }),
    answer: { about: 'the newest version, or the requested one', schema: agentDocument },
    errors: ['not_found'],
  },
  'agents.remove': {
    scope: 'agents',
    passes: 'owner',
    summary: 'Remove an agent that was put; its goals continue',
    answer: { about: 'the agent is removed', schema: z.object({ name: id }) },
    errors: ['not_found'],
  },
})
