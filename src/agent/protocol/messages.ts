import { z } from 'zod'
import type { Problem } from '../../errors.ts'
import { goalRef, runRef } from '../../house/actors.ts'
import { type By, by } from '../../house/by.ts'
import { type ReadParts, readSinglePart } from '../../kernel/parts.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { Schema } from '../../kernel/schema.ts'
import type { ActorRef, Effects } from '../../kernel/types.ts'
import { messageFiles, noteSchema } from '../../lib/media/file-schema.ts'
import { prioritySchema } from '../../lib/priority-schema.ts'
import { laterFields, startNowSchema } from '../../run/later/messages.ts'
import { settlementSchema } from '../../step/messages/settlement.ts'
import { goalEndSchema } from '../../thread/protocol/messages.ts'
import { workForSchema } from '../../work/origin/call-for.ts'
import type { MessageText, ThreadParent } from '../../work/origin/goal-origin.ts'
import { resultOfSchema } from '../../work/origin/result-of.ts'
import { MAX_MESSAGE_CHARACTERS, MAX_TELL_CHARACTERS } from '../../work/text-limits.ts'
import type { StoredGoal } from './stored-goal.ts'

const text = z.string().min(1)
const count = z.int().positive()

const limits = z.strictObject({
  rounds: count.exactOptional(),
  calls: count.exactOptional(),
  tokens: count.exactOptional(),
  /** ms */
  time: count.exactOptional(),
})

const reply = z.object({ message: count, text: z.string(), files: messageFiles.exactOptional() })

const threadParent = z.object({ thread: text, n: count })

const start = z.object({
  type: z.literal('start'),
  /** the name of the agent, and the hash of its definition in the value store */
  agent: text,
  definition: text,
  goal: text.max(MAX_MESSAGE_CHARACTERS),
  /** files of its owner, which belong to its text */
  files: messageFiles.exactOptional(),
  owner: text.exactOptional(),
  untrusted: z.literal(true).exactOptional(),
  /** its agent came from the network: its calls reach no tool of the program that is not open there */
  foreign: z.literal(true).exactOptional(),
  interactive: z.literal(true).exactOptional(),
  /** its finished calls are undone when it fails */
  undo: z.literal(true).exactOptional(),
  limits: limits.exactOptional(),
  /** the goal asks the model, and follows no playbook */
  playbook: z.literal(false).exactOptional(),
  /** why it has to wait before it begins: the process is degraded */
  hold: text.max(500).exactOptional(),
  ...laterFields,
  /** its agent belongs to a step of a run: it remembers nothing */
  ofStep: z.literal(true).exactOptional(),
  /** a model wrote the goal */
  chosenByModel: z.literal(true).exactOptional(),
  /** paths that a caller opened to its calls */
  granted: z.array(text).exactOptional(),
  /** tools that its calls and their child runs may not call, under any name */
  denied: z.array(text).exactOptional(),
  /** the run whose step asks, the goal that was handed over, or the conversation whose message it answers */
  parent: z.union([z.object({ run: text }), z.object({ goal: text }), threadParent]).exactOptional(),
  /** `agent`: a goal of a conversation recalls what its agent did elsewhere for the same owner */
  recall: z.literal('agent').exactOptional(),
  /** where its agent records and recalls, and how much */
  memory: z
    .object({
      space: text.exactOptional(),
      recall: z.int().nonnegative().exactOptional(),
      read: (z.array(text) as z.ZodType<readonly string[]>).exactOptional(),
    })
    .exactOptional(),
  /** the agents from the first one to this one; absent: it is the first */
  path: z.array(text).exactOptional(),
  /** ms since the epoch: the deadline of the goal above */
  until: z.number().exactOptional(),
  /** of a goal that was handed over: the first caller, if there was one */
  caller: z.custom<ActorRef>(isRef).exactOptional(),
  /** the goal that it continues: its first rounds are reused, and `told` has the texts that the model has not seen */
  from: z.object({ goal: text, rounds: z.int().nonnegative(), told: z.array(noteSchema) }).exactOptional(),
  /** pipelines that the goal may follow instead of thinking */
  playbooks: z.array(z.object({ name: text, description: z.string(), pipeline: text })).exactOptional(),
  /** of its model calls, of its calls and of the goals below it; absent: normal */
  priority: prioritySchema.exactOptional(),
  /** for whom it works, besides its owner: the conversation and its message, and the context of the program */
  workFor: workForSchema.exactOptional(),
  /** of a goal that was handed over: the replies that end before it */
  replies: (z.array(reply) as z.ZodType<readonly MessageText[]>).exactOptional(),
  /** of a goal that was handed over: the conversation of the first goal, and the message that it answers */
  thread: threadParent.exactOptional(),
  /** in millionths of a dollar */
  budget: z.int().nonnegative().exactOptional(),
})

function isRef(value: unknown): value is ActorRef {
  const { kind, key } = (value ?? {}) as { readonly [field: string]: unknown }
  return typeof kind === 'string' && typeof key === 'string'
}

const message = z.discriminatedUnion('type', [
  start,
  startNowSchema,
  z.object({ type: z.literal('choose') }),
  z.object({ type: z.literal('think'), round: count }),
  z.object({ type: z.literal('run-end'), status: z.string(), problem: z.custom<Problem>().exactOptional() }),
  z.object({ type: z.literal('undo-end'), undone: z.int(), failed: z.int() }),
  goalEndSchema,
  z.object({ type: z.literal('child-await'), run: text, step: z.string(), name: z.string(), title: z.string() }),
  z.object({ type: z.literal('goal-wait'), goal: text, title: z.string() }),
  z.object({
    type: z.literal('tell'),
    text: text.max(MAX_TELL_CHARACTERS),
    message: count.exactOptional(),
    resultOf: resultOfSchema.exactOptional(),
    files: messageFiles.exactOptional(),
  }),
  z.object({ type: z.literal('pause') }),
  z.object({
    type: z.literal('resume'),
    more: limits.exactOptional(),
    text: text.max(MAX_TELL_CHARACTERS).exactOptional(),
    /** one of the interrupted calls, and what it did */
    settles: settlementSchema.extend({ call: z.string(), by: (by as z.ZodType<By>).exactOptional() }).exactOptional(),
  }),
  z.object({ type: z.literal('adopt'), auto: z.literal(true).exactOptional() }),
  z.object({ type: z.literal('rate'), rating: z.enum(['good', 'bad']) }),
  z.object({ type: z.enum(['retry', 'record', 'expire', 'look', 'run-progress']) }),
])
const granted = z.object({ type: z.undefined().optional(), status: z.literal('granted') })

/**
 * Messages to a goal. `start` begins it, or says when it begins; `start-now` comes at that time. `choose` looks for a
 * playbook. `think` begins a round. `run-end` is the reply of the run that makes the calls of a round, or follows a
 * playbook. `undo-end` is its reply when its steps are undone. `goal-end` is that of the goal that took over. `child-
 * await` and `goal-wait` say that work below waits for a person. `run-progress` comes from a run that the goal watches.
 * `tell` gives the model a text of a person; `message` is its number in the conversation above, and `resultOf` says
 * that it is the result of earlier calls. `resume` continues a goal that waits or is paused, with `more` added to its
 * limits; for a goal that has ended, it says what interrupted calls did. `granted` and `retry` come when its budget has
 * money again. `record` writes a goal that has ended to the memory of its agent. `expire` removes it. `look` is
 * answered when all messages before it are taken. `adopt` lets it go on with code that has changed.
 */
export type GoalMessage = z.infer<typeof message> | z.infer<typeof granted>
export type GoalStart = z.infer<typeof start>
/** The amounts that a person adds to the limits of a goal. */
export type MoreLimits = z.infer<typeof limits>

export const goalMessage = z.union([message, granted]) as Schema<GoalMessage>

export type GoalStartPart = Omit<
  GoalStart,
  'type' | 'agent' | 'owner' | 'limits' | 'hold' | 'at' | 'admitted' | 'debouncedUntil'
> & {
  readonly replyTo?: ActorRef
  /** how the code of its agent has changed since it began, as far as it took the new code */
  readonly changed?: readonly string[]
}

/** The conversation whose message the goal answers. */
export const conversationOf = ({ parent }: Pick<GoalStartPart, 'parent'>): ThreadParent | undefined =>
  parent && 'thread' in parent ? parent : undefined

/** The same for a goal that was handed over, too: it answers the message of the first goal. */
export const conversationAbove = (start: Pick<GoalStartPart, 'parent' | 'thread'>): ThreadParent | undefined =>
  conversationOf(start) ?? start.thread

/** The work of a goal as files know it: its conversation, the run that asks, or the goal itself. */
export function fileUseOf(
  start: Pick<GoalStartPart, 'parent' | 'thread'>,
  { owner }: Pick<StoredGoal, 'owner'>,
  goal: string,
): { readonly owner: string | undefined; readonly use: string } {
  const { parent } = start
  const conversation = conversationAbove(start)
  if (conversation) return { owner, use: `thread/${conversation.thread}` }
  // files know a goal as they know a run
  return { owner, use: nameOf(runRef(parent && 'run' in parent ? parent.run : goal)) }
}

export const START_PART = 'start'

/** Reads the start request of a goal, in one of its turns. */
export const readStart = ({ part }: Pick<Effects, 'part'>) => part(START_PART) as Promise<GoalStartPart>

/** Reads the start request of a goal; undefined when it has not begun. */
export const findStart: (effects: Pick<Effects, 'part'>) => Promise<GoalStartPart | undefined> = readStart

/** Reads the start request of a goal from outside; undefined when it has not begun or is gone. */
export async function findStartOf(goal: string, readParts: ReadParts): Promise<GoalStartPart | undefined> {
  return (await readSinglePart(readParts, goalRef(goal), START_PART)) as GoalStartPart | undefined
}
