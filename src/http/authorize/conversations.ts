import { isAgentName } from '../../agent/definition/agent-name.ts'
import type {
  ConversationsPort,
  MessageReply,
  MessageRequest,
  Receipt,
  WaitOptions,
} from '../../agent/room/conversation/port.ts'
import { followReply } from '../../agent/room/conversation/reply.ts'
import { NotFoundError, unlessMissing } from '../../errors.ts'
import { localOnly } from '../../house/scope.ts'
import type { FileRef } from '../../lib/media/file-ref.ts'
import { checkVisitorFiles, type SentFile, storeSent } from './sent-files.ts'
import type { RuntimeViewer } from './viewer.ts'
import { forVisitor, isVisitor, whyUnavailable } from './visitor-words.ts'
import { checkOffered, checkVisitorMessage } from './visitors.ts'

/** A message whose sender may wait for its reply. */
type SentMessage = MessageRequest &
  Pick<WaitOptions, 'timeout'> & { readonly wait?: boolean; readonly uploads?: readonly SentFile[] }

/** Conversations as a caller sees them: each owner has names of its own for them, as for threads. */
export type ScopedConversations = Omit<ConversationsPort, 'post' | 'send'> & {
  /** Sends a message; with `wait` it resolves with the reply. */
  post(message: SentMessage, signal?: AbortSignal): Promise<Receipt | MessageReply>
  /** Checks that the caller sees the conversation. NotFoundError when not. */
  check(conversation: string): Promise<unknown>
  /** Whether the conversation exists. NotFoundError if the caller may not see it. */
  hasBegun(conversation: string): Promise<boolean>
}

/** The methods that give names of conversations, or take conversations that may be new. */
export function scopedConversations(viewer: RuntimeViewer): Pick<ScopedConversations, 'post' | 'get'> {
  const { runtime, caller, findThread, seenThread } = viewer
  const { conversations } = runtime

  /** How a message stands, for a visitor with the reason why it waits. */
  async function replyOf(conversation: string, message: string): Promise<MessageReply> {
    const reply = await conversations.get(conversation, message)
    if (!isVisitor(caller) || reply.status !== 'waiting' || reply.goal === undefined) return reply
    const problem = await whyUnavailable(runtime.goals, reply.goal)
    return problem ? { ...reply, problem } : reply
  }

  /** The files of a message that its conversation has taken; undefined: there is no such message. */
  async function filesTaken(thread: string, message: string): Promise<readonly FileRef[] | undefined> {
    const ask = await runtime.threads.getAsk(thread, message).catch(unlessMissing)
    return ask && (ask.files ?? [])
  }

  /** The files of a message, with those that came with it. One that was taken before stores and fetches nothing. */
  async function filesFor(
    { id, files = [] }: Pick<MessageRequest, 'id' | 'files'>,
    uploads: readonly SentFile[],
    { key, owner }: { readonly key: string; readonly owner: string },
  ): Promise<NonNullable<MessageRequest['files']>> {
    const taken = id === undefined ? undefined : await filesTaken(key, id)
    return taken ?? [...files, ...(await storeSent(runtime, uploads, { owner, use: `thread/${key}` }))]
  }

  return {
    async post({ wait = false, timeout, uploads = [], ...message }, signal) {
      if (!caller.local) checkAgentName(message.agent)
      checkVisitorMessage(viewer, message)
      await checkOffered(viewer, message.agent)
      // a conversation that begins at this moment refuses other owners itself
      const { key, owner, shown } = await findThread(message.conversation)
      const { files: named = [] } = message
      if (isVisitor(caller)) await checkVisitorFiles(runtime, { sent: uploads, named, owner })
      const files = uploads.length === 0 ? named : await filesFor(message, uploads, { key, owner })
      const asked = { ...message, ...(files.length > 0 && { files }), conversation: key, owner }
      const waiting = { ...(timeout !== undefined && { timeout }), ...(signal && { signal }) }
      if (!isVisitor(caller)) {
        const sent = await (wait ? conversations.send(asked, waiting) : conversations.post(asked))
        return { ...sent, conversation: shown }
      }
      const sent = await conversations.post(asked)
      if (!wait) return { ...sent, conversation: shown }
      const limits = [...(signal ? [signal] : []), ...(timeout === undefined ? [] : [AbortSignal.timeout(timeout)])]
      for await (const _ of followReply(
        forVisitor(runtime),
        { conversation: key, message: sent.id },
        AbortSignal.any(limits),
      ));
      return { ...(await replyOf(key, sent.id)), conversation: shown }
    },
    async get(conversation, message) {
      const { key, shown } = await seenThread(conversation)
      return { ...(await replyOf(key, message)), conversation: shown }
    },
  }
}

/** Callers from the network may name an agent, and neither a file nor a definition. */
function checkAgentName(agent: MessageRequest['agent']): void {
  if (typeof agent !== 'string' || /[/\\]/.test(agent)) throw localOnly()
  if (!isAgentName(agent)) throw new NotFoundError(`There is no agent ${JSON.stringify(agent.slice(0, 100))}.`)
}
