import type { Json } from '../../../kernel/json.ts'
import type { GoalRequest } from '../../goal/start/request.ts'
import type { MessageFile } from '../message-files.ts'
import type { ConversationEvent, MessageReply, Receipt } from './documents.ts'

export type { MessageFile } from '../message-files.ts'
export type { ConversationEvent, MessageReply, Receipt } from './documents.ts'

/**
 * Conversations with agents. A conversation is a thread: it appears in lists of threads, and has their owner, retention
 * and budget. Each message begins a goal, or joins the goal that works.
 */
export interface ConversationsPort {
  /**
   * Sends a message, and resolves when it is durable. The same `id` is one message, also after a crash. NotFoundError
   * on a conversation of another owner; an error of code `id_taken` if the id belongs to another message.
   */
  post(message: MessageRequest): Promise<Receipt>
  /**
   * Sends a message and waits for its answer. When `timeout` (ms) or `signal` ends the wait, the message stays and its
   * reply is `waiting`.
   */
  send(message: MessageRequest, wait?: WaitOptions): Promise<MessageReply>
  /** Reads how a message stands. NotFoundError if it does not exist. */
  get(conversation: string, message: string): Promise<MessageReply>
  /** Cancels the answered message and the waiting ones. Resolves when this is durable: no model is asked after it. */
  stop(conversation: string, reason?: string): Promise<void>
  /**
   * Streams the durable events of a conversation and of the goals that answer in it, in one order, after a cursor:
   * first the recorded ones, then live until the signal.
   */
  events(
    conversation: string,
    from?: { readonly after?: string; readonly signal?: AbortSignal },
  ): AsyncIterable<ConversationEvent>
}

/** A message to an agent. */
export type MessageRequest = Pick<GoalRequest, 'agent' | 'trusted' | 'interactive' | 'priority'> & {
  readonly conversation: string
  /** at most 128 Ki characters; it may be empty if there are files */
  readonly text: string
  /** the same id sends one message */
  readonly id?: string
  /** the owner of the conversation; absent: `local`. The first message decides it. */
  readonly owner?: string
  /**
   * stored files, by id or reference, which the model gets with the text, at most 50; and paths on this machine that
   * the agent may read for this message
   */
  readonly files?: readonly MessageFile[]
  /** texts with names, such as files of a caller in the network. They count towards the size of the message. */
  readonly texts?: readonly { readonly name: string; readonly text: string }[]
  /**
   * while an earlier message is answered: `steer` (the default) tells the message to the agent before its next round,
   * `queue` lets it wait, and `interrupt` cancels the earlier work and begins again with both
   */
  readonly onBusy?: 'steer' | 'queue' | 'interrupt'
  /** dollars for the answer to this message; absent: as the definition says, else 1 */
  readonly budget?: number
  /**
   * JSON of at most 16 KiB for the tools that answer this message; no model sees it. A message with another context
   * than the one that is answered waits for its turn, whatever `onBusy` says
   */
  readonly context?: Json
}

/** How long to wait for an answer. `timeout`: ms. */
export type WaitOptions = { readonly timeout?: number; readonly signal?: AbortSignal }
