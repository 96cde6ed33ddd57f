import { type Problem, unlessMissing } from '../../../errors.ts'
import type { FollowedEvent } from '../../../house/describe.ts'
import { type ChainEvent, numberOfGoal } from '../../../thread/protocol/ask-state.ts'
import type { AskDocument, ThreadDocument } from '../../../thread/room/documents/thread.ts'
import type { GoalDocument } from '../goals/documents.ts'
import type { ConversationEvent, ConversationsPort } from './port.ts'

type From = { readonly signal?: AbortSignal }

/** The ports that a reply is read from: those of a runtime, of a caller, or of a client. */
export type ReplyPorts = {
  readonly conversations: Pick<ConversationsPort, 'events'>
  readonly threads: {
    get(thread: string): Promise<Pick<ThreadDocument, 'owner' | 'asks'>>
    askEvents(thread: string, ask: string, from?: From): AsyncIterable<FollowedEvent>
  }
  readonly goals: { get(goal: string): Promise<GoalDocument> }
  /** The problem for a visitor of a goal that waits for the operator; absent: a reply goes on after the wait. */
  whyUnavailable?(goal: string): Promise<Problem | undefined>
}

export type MessageReference = { readonly conversation: string; readonly message: string }

/** How a reply ended. */
export type ReplyEnd = Extract<ChainEvent, { readonly type: 'ask-end' }>

/**
 * The events of the goals that answer a message, in their order, with the text between them as it grows; and the end
 * of the reply at last. The reply to a message begins in the round that reads it, and ends where its goal reads a later
 * one.
 */
export async function* followReply(
  ports: ReplyPorts,
  { conversation, message }: MessageReference,
  signal: AbortSignal,
): AsyncGenerator<ConversationEvent | ReplyEnd> {
  for await (const { n, body } of ports.threads.askEvents(conversation, message, { signal })) {
    const event = body as ChainEvent
    const part = await partOf(ports, conversation, { n, event }, signal)
    const end = part && (yield* followGoal(ports, { conversation, ...part }, signal))
    if (end) yield end
    if (event.type === 'ask-end') yield event
    if (end || signal.aborted) return
  }
}

/** The part of a goal that is the reply to the message `n`, among the events of the conversation after a cursor. */
type GoalPart = { readonly goal: string; readonly n: number; readonly after: string }

async function partOf(
  { threads }: Pick<ReplyPorts, 'threads'>,
  conversation: string,
  { n: at, event }: { readonly n: FollowedEvent['n']; readonly event: ChainEvent },
  signal: AbortSignal,
): Promise<GoalPart | undefined> {
  if (event.type === 'ask-goal') return { goal: event.goal, n: numberOfGoal(event.goal), after: String(at) }
  if (event.type !== 'ask-join') return undefined
  for await (const { n, body } of threads.askEvents(conversation, event.to, { signal }))
    if ((body as ChainEvent).type === 'ask-goal') return { goal: event.goal, n: event.n, after: String(n) }
  return undefined
}

/** Events after which a goal may wait for the operator. */
const HOLDS: ReadonlySet<string> = new Set(['goal-wait', 'goal-needs', 'goal-message', 'goal-pause', 'provider-wait'])

const goalOf = (body: ConversationEvent['body']) => (body.type === 'goal-needs' ? body.goal : undefined)

/** The events of a part of a goal; returns its end if the goal goes on with a later message, or cannot go on. */
async function* followGoal(
  { conversations, whyUnavailable }: ReplyPorts,
  { conversation, goal, n, after }: GoalPart & { readonly conversation: string },
  signal: AbortSignal,
): AsyncGenerator<ConversationEvent, ReplyEnd | undefined> {
  let written = numberOfGoal(goal)
  for await (const event of conversations.events(conversation, { after, signal })) {
    if (event.goal !== goal) continue
    const { body } = event
    const problem = HOLDS.has(body.type) && (await whyUnavailable?.(goalOf(body) ?? goal))
    if (problem) return { type: 'ask-end', status: 'failed', problem, at: Date.now() }
    if (body.type === 'round' || body.type === 'text-delta' || body.type === 'text-restart')
      written = body.message ?? numberOfGoal(goal)
    if (written > n) return { type: 'ask-end', status: 'completed', at: Date.now() }
    if (written === n) yield event
    if (body.type === 'goal-end') return undefined
  }
  return undefined
}

/** How long after its end a reply is given again, in ms. A client may have lost its connection before the end. */
const REPEATED_MS = 10 * 60_000

/**
 * The id of the message that an agent answers, or has answered a short time ago. Undefined: there is none, or the
 * conversation is not one of `owner`; absent: the ports know the caller.
 */
export async function findReply(
  { threads, goals }: Pick<ReplyPorts, 'threads' | 'goals'>,
  conversation: string,
  { now, owner }: { readonly now: number; readonly owner?: string },
): Promise<string | undefined> {
  const thread = await threads.get(conversation).catch(unlessMissing)
  if (!thread || (owner !== undefined && thread.owner !== owner)) return undefined
  const asks = thread.asks.filter(({ agent }) => agent !== undefined)
  const found = newestReply(asks, now)
  if (found?.status !== 'running' || found.goal === undefined) return found?.id
  // undefined: it has read none since the one for which it began, or has not begun
  const read = (await goals.get(found.goal).catch(unlessMissing))?.message
  return (asks.find(({ n }) => n === read) ?? found).id
}

/** The first one that is being answered, since messages that have joined it or wait for it come later. */
function newestReply(asks: readonly AskDocument[], now: number): AskDocument | undefined {
  const working = asks.find(({ status }) => status === 'running') ?? asks.find(({ endedAt }) => endedAt === undefined)
  if (working) return working
  const last = asks.findLast(({ status }) => status !== 'joined')
  return last?.endedAt !== undefined && now - last.endedAt < REPEATED_MS ? last : undefined
}
