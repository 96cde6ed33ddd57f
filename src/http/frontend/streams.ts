import { followReply, type MessageReference, type ReplyPorts } from '../../agent/room/conversation/reply.ts'
import type { Json } from '../../kernel/json.ts'
import { frameStream } from '../stream/event-stream.ts'
import { documentOf } from '../wire/problem.ts'
import { encodeEvent } from '../wire/sse.ts'
import { type AgUiRun, agUiEvents } from './ag-ui-events.ts'
import { replyParts } from './reply-parts.ts'
import { UI_HEADERS, uiChunks } from './ui-chunks.ts'

/** The reply to a message as a UI message stream of the AI SDK. It ends with the reply, or when the client leaves. */
export function uiStream(ports: ReplyPorts, of: MessageReference, signal?: AbortSignal): Response {
  return frameStream(
    async function* (leaving) {
      const until = signal ? AbortSignal.any([leaving, signal]) : leaving
      for await (const chunk of uiChunks(partsOf(ports, of, until), `${of.message}.reply`)) yield frame(chunk)
      yield 'data: [DONE]\n\n'
    },
    { headers: UI_HEADERS, fault: (error) => frame({ type: 'error', errorText: documentOf(error).detail }) },
  )
}

/** The answer when there is no reply to follow. */
export const NO_REPLY = () => new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } })

export function agUiStream(ports: ReplyPorts, of: MessageReference, run: AgUiRun): Response {
  return frameStream(
    async function* (leaving) {
      for await (const event of agUiEvents(partsOf(ports, of, leaving), run)) yield frame(event)
    },
    {
      fault(error) {
        const { detail, code } = documentOf(error)
        return frame({ type: 'RUN_ERROR', message: detail, code })
      },
    },
  )
}

function partsOf(ports: ReplyPorts, of: MessageReference, signal: AbortSignal) {
  return replyParts(followReply(ports, of, signal), (goal) => ports.goals.get(goal))
}

const frame = (data: { readonly [field: string]: Json | undefined }) => encodeEvent({ data: data as Json })
