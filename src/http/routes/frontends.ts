import { CONVERSATIONS } from '../../agent/room/conversation/contract.ts'
import { findReply, type ReplyPorts } from '../../agent/room/conversation/reply.ts'
import { unlessMissing } from '../../errors.ts'
import type { Caller } from '../authorize/caller.ts'
import type { ScopedRuntime } from '../authorize/scoped-runtime.ts'
import { forVisitor, isVisitor } from '../authorize/visitor-words.ts'
import type { AgUiMessage } from '../frontend/ag-ui-events.ts'
import { withAddresses } from '../frontend/file-parts.ts'
import { newestMessage, notLast } from '../frontend/newest-message.ts'
import { agUiStream, NO_REPLY, uiStream } from '../frontend/streams.ts'
import { handlers } from '../routing/route.ts'

/** A person follows it: its text grows from the first round on, and questions are asked. */
const FOLLOWED = { interactive: true }

const portsFor = (caller: Caller, runtime: ScopedRuntime): ReplyPorts =>
  isVisitor(caller) ? forVisitor(runtime) : runtime

export const frontendHandlers = handlers(CONVERSATIONS, {
  async 'conversations.chat'({ runtime, caller, params: { agent }, body: { id: conversation, messages } }) {
    const { id, text, uploads, followedBy } = await newestMessage(messages, 'parts')
    if (followedBy !== undefined) throw notLast(followedBy)
    await runtime.conversations.post({ conversation, agent, text, uploads, id, ...FOLLOWED })
    return uiStream(portsFor(caller, runtime), { conversation, message: id })
  },
  async 'conversations.resumeChat'({ runtime, caller, params: { chat: conversation } }) {
    // a name of another owner is a 404, and a conversation that nobody has begun has no reply
    const reply = (await runtime.conversations.hasBegun(conversation))
      ? await findReply(runtime, conversation, { now: Date.now() })
      : undefined
    return reply ? uiStream(portsFor(caller, runtime), { conversation, message: reply }) : NO_REPLY()
  },
  async 'conversations.agUi'({ runtime, caller, params: { agent }, body: { threadId, runId, messages } }) {
    const { text, uploads, followedBy } = await newestMessage(messages, 'content')
    const message = { conversation: threadId, message: runId }
    // a run that is repeated comes with the part of the reply that the front end has
    const isKnown = () => runtime.conversations.get(threadId, runId).catch(unlessMissing)
    if (followedBy !== undefined && !(await isKnown())) throw notLast(followedBy)
    await runtime.conversations.post({ conversation: threadId, agent, text, uploads, id: runId, ...FOLLOWED })
    return agUiStream(portsFor(caller, runtime), message, {
      threadId,
      runId,
      messages: (messages as readonly AgUiMessage[]).map(withAddresses),
    })
  },
})
