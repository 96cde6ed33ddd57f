import { z } from 'zod'
import { json, maybe, type Plain, problem } from '../../../document.ts'
import type { DeltasLost } from '../../../engine/bus.ts'
import { fileRef } from '../../../lib/media/file-schema.ts'
import type { ChainEvent } from '../../../thread/protocol/ask-state.ts'
import type { GoalEvent } from '../../protocol/goal-event.ts'
import type { GoalDelta } from '../../protocol/live.ts'

export type { ChainEvent } from '../../../thread/protocol/ask-state.ts'
export type { GoalEvent } from '../../protocol/goal-event.ts'
export type { GoalDelta } from '../../protocol/live.ts'

const message = {
  id: z.string(),
  conversation: z.string(),
  n: z.number().meta({ description: 'number in the conversation, from 1' }),
}

export const receipt = z
  .object({
    ...message,
    status: z.enum(['running', 'joined', 'queued', 'completed', 'failed', 'cancelled']).meta({
      description: '`running`: its own goal works; `joined`: it steers the goal of an earlier message',
    }),
  })
  .meta({ id: 'Receipt' })

/**
 * The receipt of a message that is durable. `running`: its own goal works · `joined`: it steers the goal of an earlier
 * one · `queued`: it waits. `n` is its number in the conversation, from 1.
 */
export type Receipt = Plain<typeof receipt>

const replied = {
  ...message,
  goal: maybe(z.string()).meta({ description: 'the goal that answers; absent: it waits in the queue' }),
}

const open = maybe(
  z.array(
    z.object({
      tool: z.string(),
      run: z.string(),
      call: z.string().meta({ description: 'its step in the run' }),
      signal: maybe(z.string()).meta({ description: 'the signal that answers it; absent: its wait is below the run' }),
    }),
  ),
).meta({
  description: 'calls that the answer did not wait for; their results come as messages of the conversation',
})

export const messageReply = z
  .union([
    z.object({
      status: z.literal('completed'),
      ...replied,
      answer: z.string(),
      output: maybe(json).meta({ description: 'the value of an agent with an `output`' }),
      files: maybe(z.array(fileRef)).meta({ description: 'files of the answer, which the model made' }),
      lacks: maybe(z.array(z.string())),
      open,
    }),
    z.object({
      status: z.literal('waiting'),
      ...replied,
      for: z
        .enum(['agent', 'person', 'code', 'turn'])
        .meta({ description: '`code`: a process with the code of a tool; `turn`: earlier messages' }),
      problem: maybe(problem).meta({ description: 'for a visitor: the service is not available now' }),
    }),
    z.object({ status: z.literal('failed'), ...replied, problem }),
    z.object({ status: z.literal('cancelled'), ...replied, problem }),
  ])
  .meta({ id: 'MessageReply' })

/**
 * The status of a message. `goal` is the goal that answers; absent: it waits in the queue. `output` is the value of an
 * agent with an `output`. `files`: those that its model made. `lacks`: parts missing in the answer, one
 * sentence each. `open`: calls that the answer did not wait for.
 */
export type MessageReply = Plain<typeof messageReply>

/**
 * An event of a conversation. `cursor` is its place. `goal`: the goal of the event; absent: it is of the conversation
 * itself. `live`: only present followers get it, and `cursor` is that of the durable event before it. The `type` of the
 * body says which fields it has. A later release may add types: ignore a type that you do not know.
 */
export type ConversationEvent = {
  readonly cursor: string
  readonly goal?: string
  readonly live?: true
  readonly body: ChainEvent | GoalEvent | GoalDelta | DeltasLost
}
