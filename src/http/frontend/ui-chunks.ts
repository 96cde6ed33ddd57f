import { asText, type Json } from '../../kernel/json.ts'
import { addressOfFile } from '../../lib/media/file-ref.ts'
import type { CallPart, NeedPart, ReplyPart, ResultPart } from './reply-parts.ts'

/** A chunk of a UI message stream of the AI SDK. */
type UiChunk = { readonly type: string; readonly [field: string]: Json | undefined }

/** The header by which the AI SDK knows the protocol. */
export const UI_HEADERS = { 'x-vercel-ai-ui-message-stream': 'v1' }

/** The UI message of a reply: one message, whose steps are rounds. A reply without parts gives no message. */
export async function* uiChunks(parts: AsyncIterable<ReplyPart>, messageId: string): AsyncGenerator<UiChunk> {
  let hasBegun = false
  let openText: string | undefined
  let isInStep = false
  for await (const part of parts) {
    if (!hasBegun && part.type !== 'end') yield { type: 'start', messageId }
    hasBegun = true
    switch (part.type) {
      case 'round':
        if (isInStep) yield { type: 'finish-step' }
        isInStep = true
        yield { type: 'start-step' }
        break
      case 'text':
        if (openText !== part.id) yield { type: 'text-start', id: part.id }
        openText = part.id
        yield { type: 'text-delta', id: part.id, delta: part.delta }
        break
      case 'text-end':
        openText = undefined
        yield { type: 'text-end', id: part.id }
        break
      case 'text-restart':
        // of this step there is only the text
        openText = undefined
        yield { type: 'reset-step' }
        break
      case 'call':
        yield callChunk(part)
        break
      case 'result':
        yield resultChunk(part)
        break
      case 'need':
        yield needChunk(part)
        break
      case 'files':
        for (const { file, type } of part.files) yield { type: 'file', url: addressOfFile(file), mediaType: type }
        break
      case 'end':
        if (openText !== undefined) yield { type: 'text-end', id: openText }
        if (isInStep) yield { type: 'finish-step' }
        yield* endChunks(part)
    }
  }
}

// the front end calls no tool, so no result is expected of it
const callChunk = ({ id, tool, input }: CallPart): UiChunk => ({
  type: 'tool-input-available',
  toolCallId: id,
  toolName: tool,
  input,
  dynamic: true,
  providerExecuted: true,
})

function resultChunk({ id, outcome, output }: ResultPart): UiChunk {
  const about = { toolCallId: id, dynamic: true, providerExecuted: true }
  if (outcome === 'succeeded' || outcome === 'made' || outcome === 'pending')
    return { type: 'tool-output-available', ...about, output }
  return { type: 'tool-output-error', ...about, errorText: failureText(outcome, output) }
}

/** Why a call did not succeed, in words. */
export function failureText(outcome: ResultPart['outcome'], output: Json): string {
  return output === null ? outcome : `${outcome}: ${asText(output)}`
}

function needChunk({ type: _, id, kind, ...data }: NeedPart): UiChunk {
  return { type: kind === 'approval' ? 'data-approval' : 'data-wait', id, data }
}

function* endChunks({ status, output, lacks, problem }: Extract<ReplyPart, { readonly type: 'end' }>) {
  if (output !== undefined) yield { type: 'data-output', id: 'output', data: output }
  if (status === 'cancelled') yield { type: 'abort', ...(problem && { reason: problem.message }) }
  else if (problem) yield { type: 'error', errorText: problem.message }
  else yield { type: 'finish', finishReason: 'stop', ...(lacks && { messageMetadata: { lacks } }) }
}
