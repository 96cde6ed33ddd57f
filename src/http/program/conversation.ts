import type { ConversationEvent, MessageRequest, Receipt } from '../../agent/room/conversation/port.ts'
import { findReply, type ReplyPorts } from '../../agent/room/conversation/reply.ts'
import { NotFoundError, unlessMissing } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import type { Runtime } from '../../runtime/ports.ts'
import { checkContext } from '../../work/origin/call-for.ts'
import { forVisitor } from '../authorize/visitor-words.ts'
import { NO_REPLY, uiStream } from '../frontend/streams.ts'
import { type AgentWith, type Reply, replyReader } from './reply.ts'

/** The person that a conversation is with. `Context` is the type of its context, as the schema of the agent says. */
export type ConversationOptions<Context = Json> = {
  /** the customer; absent: `local`. A handle reaches only conversations of this owner. */
  readonly owner?: string
  /** JSON of at most 16 KiB for the tools that answer the messages of this handle; no model sees it */
  readonly context?: Context
}

type SendOptions = Omit<MessageRequest, 'conversation' | 'agent' | 'text' | 'owner' | 'context'>

/** A conversation with an agent. `Output` is the type of its answers, as the schema of the agent says. */
export interface Conversation<Output = unknown> {
  readonly id: string
  /**
   * Sends a message and waits for its answer, and for approvals before it. With `wait: false`, it resolves as soon as
   * the message is durable. If `wait: false`, `timeout` (ms) or `signal` ends the wait, the status is `waiting`. The
   * same `id` is one message.
   */
  send(
    text: string,
    options?: SendOptions & { readonly wait?: boolean; readonly timeout?: number; readonly signal?: AbortSignal },
  ): Promise<Reply<Output>>
  /** Sends a message, and resolves when it is durable. */
  post(text: string, options?: SendOptions): Promise<Receipt>
  /** Reads the present reply to a message. NotFoundError if the message does not exist. */
  get(message: string): Promise<Reply<Output>>
  /** Cancels the message in progress and all that wait. When it resolves, no model is asked for them any more. */
  stop(reason?: string): Promise<void>
  /** The events of the conversation after a cursor, until the signal. */
  stream(from?: { readonly after?: string; readonly signal?: AbortSignal }): AsyncIterable<ConversationEvent>
  /**
   * The reply in progress as a UI message stream of the AI SDK, from its beginning, or a reply that ended in the last
   * ten minutes. If there is none, the response has the status 204. Errors are in the words for visitors.
   */
  uiStream(until?: { readonly signal?: AbortSignal }): Promise<Response>
}

/** Opens a handle; nothing is read or stored. */
export function openConversation<Output>(
  ports: Pick<Runtime, 'conversations'> & ReplyPorts,
  agent: AgentWith<Output>,
  id: string,
  { owner, context }: ConversationOptions = {},
): Conversation<Output> {
  const { conversations } = ports
  const read = replyReader(agent)
  const message = (text: string, options: SendOptions): MessageRequest => ({
    ...options,
    ...(owner !== undefined && { owner }),
    ...(context !== undefined && { context: checkContext(context) }),
    conversation: id,
    agent,
    text,
  })
  const own = owner ?? LOCAL_OWNER
  let isChecked = false

  /** A conversation of another owner looks as if it were not there. */
  async function checkOwner(): Promise<void> {
    if (isChecked) return
    // undefined: nobody has begun the conversation
    const whose = (await ports.threads.get(id).catch(unlessMissing))?.owner
    if (whose !== undefined && whose !== own) throw new NotFoundError(`There is no conversation ${id}.`)
    isChecked = whose !== undefined
  }

  return {
    id,
    async send(text, { wait = true, timeout, signal, ...options } = {}) {
      const until = { ...(timeout !== undefined && { timeout }), ...(signal && { signal }) }
      if (wait) return read(await conversations.send(message(text, options), until))
      const receipt = await conversations.post(message(text, options))
      return read(await conversations.get(id, receipt.id))
    },
    async get(message) {
      await checkOwner()
      return read(await conversations.get(id, message))
    },
    post: (text, options = {}) => conversations.post(message(text, options)),
    async stop(reason) {
      await checkOwner()
      await conversations.stop(id, reason)
    },
    async *stream(from) {
      await checkOwner()
      yield* conversations.events(id, from)
    },
    async uiStream({ signal } = {}) {
      const found = await findReply(ports, id, { now: Date.now(), owner: own })
      return found === undefined
        ? NO_REPLY()
        : uiStream(forVisitor(ports), { conversation: id, message: found }, signal)
    },
  }
}
