import { asText, type Json } from '../../kernel/json.ts'
import { addressOfFile } from '../../lib/media/file-ref.ts'
import type { CallPart, NeedPart, ReplyPart, ResultPart } from './reply-parts.ts'
import { failureText } from './ui-chunks.ts'

type AgUiEvent = { readonly type: string; readonly [field: string]: Json | undefined }

export type AgUiMessage = { readonly id: string; readonly [field: string]: Json | undefined }

/** The run of a front end, and the messages that it has. */
export type AgUiRun = { readonly threadId: string; readonly runId: string; readonly messages: readonly AgUiMessage[] }

const PROTOCOL_VERSION = '1.0'

/**
 * The run of a reply. A front end that has a round of the reply already gets a snapshot of its messages without it, and
 * then the round from its beginning: events alone could only add to what it has.
 */
export async function* agUiEvents(
  parts: AsyncIterable<ReplyPart>,
  { threadId, runId, messages }: AgUiRun,
): AsyncGenerator<AgUiEvent> {
  const run = { threadId, runId }
  let known = messages
  let openText: AgUiMessage | undefined
  yield { type: 'RUN_STARTED', ...run, protocolVersion: PROTOCOL_VERSION }
  for await (const part of parts) {
    switch (part.type) {
      case 'round': {
        const others = known.filter(({ id }) => id !== part.id && !id.startsWith(`${part.id}.`))
        if (others.length < known.length) yield snapshot((known = others))
        break
      }
      case 'text':
        if (openText?.id !== part.id) {
          openText = { id: part.id, role: 'assistant', content: '' }
          yield { type: 'TEXT_MESSAGE_START', messageId: part.id, role: 'assistant' }
        }
        openText = { ...openText, content: `${openText.content}${part.delta}` }
        yield { type: 'TEXT_MESSAGE_CONTENT', messageId: part.id, delta: part.delta }
        break
      case 'text-end':
        if (openText) known = [...known, openText]
        openText = undefined
        yield { type: 'TEXT_MESSAGE_END', messageId: part.id }
        break
      case 'text-restart':
        if (openText) yield { type: 'TEXT_MESSAGE_END', messageId: openText.id }
        openText = undefined
        yield snapshot(known)
        break
      case 'call':
        known = withCall(known, part)
        yield* callEvents(part)
        break
      case 'result': {
        const result = resultMessage(part)
        known = [...known, result]
        const { id: messageId, role, toolCallId, content } = result
        yield { type: 'TOOL_CALL_RESULT', messageId, role, toolCallId, content }
        break
      }
      case 'need':
        yield needEvent(part)
        break
      case 'files':
        yield filesEvent(part)
        break
      case 'end':
        if (openText) yield { type: 'TEXT_MESSAGE_END', messageId: openText.id }
        yield endEvent(part, run)
    }
  }
}

const snapshot = (messages: readonly AgUiMessage[]): AgUiEvent => ({ type: 'MESSAGES_SNAPSHOT', messages })

function* callEvents({ id: toolCallId, text: parentMessageId, tool: toolCallName, input }: CallPart) {
  yield { type: 'TOOL_CALL_START', toolCallId, toolCallName, parentMessageId }
  yield { type: 'TOOL_CALL_ARGS', toolCallId, delta: JSON.stringify(input) }
  yield { type: 'TOOL_CALL_END', toolCallId }
}

/** The messages with a call in the message of its round, as a front end makes them. */
function withCall(messages: readonly AgUiMessage[], { id, text, tool, input }: CallPart): readonly AgUiMessage[] {
  const call = { id, type: 'function', function: { name: tool, arguments: JSON.stringify(input) } }
  const parent = messages.find((message) => message.id === text)
  if (!parent) return [...messages, { id: text, role: 'assistant', toolCalls: [call] }]
  const { toolCalls = [] } = parent
  const more = { ...parent, toolCalls: [...(toolCalls as readonly Json[]), call] }
  return messages.map((message) => (message === parent ? more : message))
}

function resultMessage({ id, outcome, output }: ResultPart): AgUiMessage {
  const content = outcome === 'succeeded' || outcome === 'made' ? asText(output) : failureText(outcome, output)
  return { id: `${id}.result`, role: 'tool', toolCallId: id, content }
}

function needEvent({ type: _, id: messageId, kind, ...content }: NeedPart): AgUiEvent {
  const activityType = kind === 'approval' ? 'approval' : 'wait'
  return { type: 'ACTIVITY_SNAPSHOT', messageId, activityType, content, replace: true }
}

/** AG-UI has no files in messages of the assistant. A front end draws an activity of this type. */
function filesEvent({ id: messageId, files }: Extract<ReplyPart, { readonly type: 'files' }>): AgUiEvent {
  const content = { files: files.map((one) => ({ ...one, url: addressOfFile(one.file) })) }
  return { type: 'ACTIVITY_SNAPSHOT', messageId, activityType: 'files', content, replace: true }
}

function endEvent(
  { status, output, problem }: Extract<ReplyPart, { readonly type: 'end' }>,
  run: { readonly threadId: string; readonly runId: string },
): AgUiEvent {
  if (status === 'cancelled') return { type: 'RUN_FINISHED', ...run, outcome: { type: 'cancelled' } }
  if (problem) return { type: 'RUN_ERROR', message: problem.message, code: problem.code }
  const result = output === undefined || output === null ? {} : { result: output }
  return { type: 'RUN_FINISHED', ...run, ...result, outcome: { type: 'success' } }
}
