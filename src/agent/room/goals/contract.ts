import { z } from 'zod'
import { maybe } from '../../../document.ts'
import { dollars, givenId, messageFile, page, priority, workContext } from '../../../house/common-fields.ts'
import { describe, events, eventsQuery, OVER, pages } from '../../../house/describe.ts'
import { byStart } from '../../../house/paging.ts'
import { whenFields } from '../../../run/later/terms.ts'
import { settlement } from '../../../run/room/contract.ts'
import { MAX_GOAL_CHARACTERS, MAX_TELL_CHARACTERS } from '../../../work/text-limits.ts'
import { goalOperations } from '../../facts.ts'
import { codeReport, goalNeeds } from '../code/documents.ts'
import { goalDocument, goalSummary, requestDocument, startedGoal } from './documents.ts'

const goalRequest = z.strictObject({
  // goals that are empty or too long are refused with a hint
  goal: z.string().meta({ minLength: 1, maxLength: MAX_GOAL_CHARACTERS }),
  files: maybe(z.array(messageFile).max(1000)).meta({
    description: 'files that the model gets with the goal, at most 50, and paths on the server that its agent may read',
  }),
  budget: maybe(dollars).meta({ description: 'dollars that the goal may cost; at the limit it waits' }),
  playbook: maybe(z.boolean()).meta({ description: 'false: the goal asks the model, and follows no playbook' }),
  priority,
  interactive: maybe(z.boolean()).meta({ description: 'a person follows the goal at a terminal' }),
  context: workContext,
  id: maybe(givenId),
  ...whenFields,
})

const goalsQuery = z.object({
  ...page,
  status: maybe(z.string().max(32)),
  agent: maybe(z.string().max(200)),
})

const count = z.int().positive().max(1_000_000_000)

const resumption = z.strictObject({
  more: maybe(
    z.strictObject({
      rounds: maybe(count),
      calls: maybe(count),
      tokens: maybe(count),
      time: maybe(count).meta({ description: 'ms' }),
    }),
  ).meta({ description: 'added to the limits; a limit that was reached and is not named gets its default' }),
  text: maybe(z.string().min(1).max(MAX_TELL_CHARACTERS)).meta({ description: 'told to the model' }),
})

const forkOfGoal = z.strictObject({
  at: maybe(count).meta({
    description:
      'the first round in which the model is asked again; absent: the round after the last, or the last round of a completed goal',
  }),
  budget: maybe(dollars).meta({ description: 'dollars that the new goal may cost; at the limit it waits' }),
  interactive: maybe(z.boolean()).meta({ description: 'a person follows the goal at a terminal' }),
  id: maybe(givenId),
  ...whenFields,
})

const accepted = (about: string) => ({
  about,
  status: 202 as const,
  names: 'goal',
  schema: startedGoal,
  location: ({ id: goal }: { readonly id: string }) => `/v1/goals/${encodeURIComponent(goal)}`,
})

const steered = accepted('the goal has taken it')

/** Goals of agents: start, list, read, follow, steer, rate. */
export const GOALS = describe(goalOperations, {
  'goals.start': {
    scope: 'run',
    passes: 'trust',
    summary: 'Give a goal to an agent',
    body: goalRequest,
    idempotent: true,
    answer: accepted('the goal is durable and starts'),
    errors: ['not_found', 'file_not_found', 'invalid_agent', 'id_taken', 'busy', 'queue_busy', 'storage'],
  },
  'goals.tools': {
    scope: 'read',
    passes: 'owner',
    summary: 'List the tools of an agent',
    answer: {
      about: 'the agent',
      schema: z.object({ agent: z.string(), tools: z.array(z.string()) }).meta({ id: 'AgentTools' }),
    },
    errors: ['not_found', 'invalid_agent'],
  },
  'goals.list': {
    scope: 'read',
    passes: 'filter',
    summary: 'List goals, newest first',
    query: goalsQuery,
    answer: pages('a page of goals', goalSummary, byStart, true),
    errors: ['bad_cursor'],
  },
  'goals.get': {
    scope: 'read',
    summary: 'Show a goal with its rounds and calls',
    answer: { about: 'the goal', schema: goalDocument },
    errors: ['not_found'],
  },
  'goals.round': {
    scope: 'read',
    summary: 'Show the request that the model got in a round of a goal',
    description:
      'It is made again from what is stored, and `changed` says how it differs from what the model got. A visitor does not see it.',
    params: z.object({ goal: z.string(), round: z.string().transform(Number) }),
    answer: { about: 'the request', schema: requestDocument },
    errors: ['not_found'],
  },
  'goals.events': {
    scope: 'read',
    summary: 'Follow a goal as server-sent events',
    query: eventsQuery,
    answer: events('events of the goal until `goal-end`, with the text of its model between them', OVER),
    errors: ['not_found'],
  },
  'goals.tell': {
    scope: 'run',
    summary: 'Tell the model something before its next round',
    body: z.strictObject({ text: z.string().min(1).max(MAX_TELL_CHARACTERS) }),
    answer: steered,
    errors: ['not_found', 'goal_over', 'goal_handed_off', 'busy'],
  },
  'goals.pause': {
    scope: 'run',
    summary: 'Stop a goal before its next round',
    answer: steered,
    errors: ['not_found', 'goal_over', 'goal_handed_off'],
  },
  'goals.resume': {
    scope: 'run',
    summary: 'Continue a goal that waits or is paused',
    body: resumption,
    answer: steered,
    errors: ['not_found', 'goal_over', 'goal_handed_off'],
  },
  'goals.adopt': {
    scope: 'run',
    summary: 'Let goals go on with code that has changed',
    description:
      'One answer for all goals in flight whose code has changed, or for one of them. It changes nothing for an agent with `onChange: finish-old`.',
    body: z.strictObject({
      goal: maybe(z.string().min(1).max(1000)).meta({ description: 'only this goal' }),
      agent: maybe(z.string().min(1).max(200)).meta({ description: 'only goals of this agent' }),
    }),
    answer: { about: 'the goals whose code has changed', schema: codeReport },
    errors: ['not_found'],
  },
  'goals.code': {
    scope: 'read',
    summary: 'List the code that goals in flight need',
    answer: { about: 'the code by agent, each with its goals', schema: goalNeeds },
    errors: [],
  },
  'goals.fork': {
    scope: 'run',
    summary: 'Start a goal that reuses the first rounds of another goal',
    body: forkOfGoal,
    idempotent: true,
    answer: accepted('the new goal is durable and starts'),
    errors: ['not_found', 'id_taken', 'unknown_round', 'busy', 'queue_busy', 'storage'],
  },
  'goals.settle': {
    scope: 'approve',
    summary: 'Settle an at-most-once call of the last round whose outcome is unknown',
    body: z.strictObject({
      call: z.string().min(1).max(1000).meta({ description: 'the step of the call, such as `call_1`' }),
      ...settlement,
    }),
    idempotent: true,
    answer: { about: 'the call has received the answer', schema: z.object({ status: z.literal('taken') }) },
    errors: ['not_found', 'goal_over', 'not_waiting', 'bad_value', 'id_taken'],
  },
  'goals.cancel': {
    scope: 'run',
    summary: 'Cancel a goal and its calls',
    body: z.strictObject({ reason: z.string().min(1).max(1000).default('cancelled by request') }),
    answer: steered,
    errors: ['not_found', 'goal_over'],
  },
  'goals.rate': {
    scope: 'run',
    summary: 'Rate a goal that has ended',
    body: z.strictObject({ rating: z.enum(['good', 'bad']) }),
    answer: steered,
    errors: ['not_found', 'goal_not_over'],
  },
})
