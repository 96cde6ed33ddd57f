import { z } from 'zod'
import type { Problem } from '../../errors.ts'
import type { Schema } from '../../kernel/schema.ts'

/** Characters of a goal, and of a text that a person tells it. */
export const MAX_GOAL_CHARACTERS = 32_000
export const MAX_TELL_CHARACTERS = 4000

const text = z.string().min(1)
const count = z.int().positive()

const limits = z.strictObject({
  rounds: count.exactOptional(),
  calls: count.exactOptional(),
  tokens: count.exactOptional(),
  /** ms */
  time: count.exactOptional(),
})

const start = z.object({
  type: z.literal('start'),
  /** the name of the agent, and the hash of its definition in the value store */
  agent: text,
  definition: text,
  goal: text.max(MAX_GOAL_CHARACTERS),
  owner: text.exactOptional(),
  untrusted: z.literal(true).exactOptional(),
  interactive: z.literal(true).exactOptional(),
  limits: limits.exactOptional(),
  /** pipelines that the goal may follow instead of thinking */
  playbooks: z.array(z.object({ name: text, description: z.string(), pipeline: text })).exactOptional(),
  /** in millionths of a dollar */
  budget: z.int().nonnegative().exactOptional(),
})

const message = z.discriminatedUnion('type', [
  start,
  z.object({ type: z.literal('choose') }),
  z.object({ type: z.literal('think'), round: count }),
  z.object({ type: z.literal('run-end'), status: z.string(), problem: z.custom<Problem>().exactOptional() }),
  z.object({ type: z.literal('tell'), text: text.max(MAX_TELL_CHARACTERS) }),
  z.object({ type: z.literal('pause') }),
  z.object({
    type: z.literal('resume'),
    more: limits.exactOptional(),
    text: text.max(MAX_TELL_CHARACTERS).exactOptional(),
  }),
  z.object({ type: z.literal('rate'), rating: z.enum(['good', 'bad']) }),
  z.object({ type: z.enum(['retry', 'expire']) }),
])
const granted = z.object({ type: z.undefined().optional(), status: z.literal('granted') })

/**
 * Messages to a goal. `start` begins it. `choose` looks for a playbook. `think` begins a round. `run-end` is the reply of the run that makes the calls of a round, or follows a playbook. `tell` gives
 * the model a text of a person. `resume` continues a goal that waits or is paused, with `more` added to its limits. `granted` and `retry` come when its budget has
 * money again. `expire` removes a goal that has ended.
 */
export type GoalMessage = z.infer<typeof message> | z.infer<typeof granted>
export type GoalStart = z.infer<typeof start>
/** The amounts that a person adds to the limits of a goal. */
export type MoreLimits = z.infer<typeof limits>

export const goalMessage = z.union([message, granted]) as unknown as Schema<GoalMessage>
