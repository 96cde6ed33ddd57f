/**
 * Replies as front ends show them. `reply.ts` follows the reply to one message, `reply-parts.ts` makes its parts, and
 * each protocol has a file that turns parts into its events. Start here to add a protocol.
 */

import type { ChainEvent } from '../../chain/protocol/ask-state.ts'
import type { AskDocument, ThreadDocument } from '../../contract/documents/conversation.ts'
import type { GoalDocument } from '../../contract/documents/goal.ts'
import type { FollowedEvent } from '../../contract/operation.ts'
import { is } from '../../errors.ts'
import type { ConversationEvent, ConversationsPort } from '../../runtime/ports/conversations.ts'

type From = { readonly signal?: AbortSignal }

/** The ports that a reply is read from: those of a runtime, of a caller, or of a client. */
export type ReplyPorts = {
  readonly conversations: Pick<ConversationsPort, 'events'>
  readonly threads: {
    get(thread: string): Promise<Pick<ThreadDocument, 'owner' | 'asks'>>
    askEvents(thread: string, ask: string, from?: From): AsyncIterable<FollowedEvent>
  }
  readonly goals: { get(goal: string): Promise<GoalDocument> }
}

/** A message of a conversation. */
export type MessageReference = { readonly conversation: string; readonly message: string }

/** How a reply ended. */
export type ReplyEnd = Extract<ChainEvent, { readonly type: 'ask-end' }>

/**
 * The events of the goals that answer a message, in their order, with the text between them as it grows; and the end
 * of the message at last. A message that has joined an earlier one has the reply of that one.
 */
export async function* followReply(
  ports: ReplyPorts,
  { conversation, message }: MessageReference,
  signal: AbortSignal,
): AsyncGenerator<ConversationEvent | ReplyEnd> {
  for await (const { n, body } of ports.threads.askEvents(conversation, message, { signal })) {
    const event = body as ChainEvent
    if (event.type === 'ask-join') yield* withoutEnd(followReply(ports, { conversation, message: event.to }, signal))
    if (event.type === 'ask-goal')
      yield* followGoal(ports, { conversation, goal: event.goal, after: String(n) }, signal)
    if (event.type === 'ask-end') yield event
    if (signal.aborted) return
  }
}

/** The message whose reply answers a message, too: the one that it has joined, else the message itself. */
export async function findAnswered(
  { threads }: Pick<ReplyPorts, 'threads'>,
  { conversation, message }: MessageReference,
  signal: AbortSignal,
): Promise<string> {
  for await (const { body } of threads.askEvents(conversation, message, { signal })) {
    const event = body as ChainEvent
    return event.type === 'ask-join' ? event.to : message
  }
  return message
}

async function* withoutEnd(events: AsyncIterable<ConversationEvent | ReplyEnd>): AsyncGenerator<ConversationEvent> {
  for await (const event of events) if ('cursor' in event) yield event
}

/** The events of a goal, which follow its `ask-goal` in the events of the conversation. */
async function* followGoal(
  { conversations }: ReplyPorts,
  { conversation, goal, after }: { readonly conversation: string; readonly goal: string; readonly after: string },
  signal: AbortSignal,
): AsyncGenerator<ConversationEvent> {
  for await (const event of conversations.events(conversation, { after, signal })) {
    if (event.goal !== goal) continue
    yield event
    if (event.body.type === 'goal-end') return
  }
}

/** How long after its end a reply is given again, in ms. A client may have lost its connection before the end. */
const REPEATED_MS = 10 * 60_000

/**
 * The id of the message that an agent answers, or has answered a short time ago. Undefined: there is none, or the
 * conversation is not one of `owner`; absent: the ports know the caller.
 */
export async function findReply(
  { threads }: Pick<ReplyPorts, 'threads'>,
  conversation: string,
  { now, owner }: { readonly now: number; readonly owner?: string },
): Promise<string | undefined> {
  const thread = await threads.get(conversation).catch((error: unknown) => {
    if (is(error, 'NotFoundError')) return undefined
    throw error
  })
  if (!thread || (owner !== undefined && thread.owner !== owner)) return undefined
  return newestReply(
    thread.asks.filter(({ agent }) => agent !== undefined),
    now,
  )?.id
}

/** The first one that is being answered, since messages that have joined it or wait for it come later. */
function newestReply(asks: readonly AskDocument[], now: number): AskDocument | undefined {
  const working = asks.find(({ status }) => status === 'running') ?? asks.find(({ endedAt }) => endedAt === undefined)
  if (working) return working
  const last = asks.findLast(({ status }) => status !== 'joined')
  return last?.endedAt !== undefined && now - last.endedAt < REPEATED_MS ? last : undefined
}
