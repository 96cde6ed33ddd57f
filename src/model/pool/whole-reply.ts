import { is, TerminalError } from '../../errors.ts'
import type { Redaction } from '../../secret/redaction.ts'
import { remedyOf } from '../call/failure-kinds.ts'
import { countingFailed, sumSpent, withSpent } from '../cost/usage.ts'
import { OFFLINE_MODEL_ID } from '../model-id.ts'
import { quoteReply, withFailedReply } from '../reply/failed-reply.ts'
import { hiddenReply } from '../reply/hidden-reply.ts'
import type { ModelReply, ModelRequest } from '../request/request.ts'
import { createObjectCheck } from '../structured-output/check-object.ts'

/** Calls for the rest of one reply. */
const MAX_CONTINUATIONS = 8
/** Equal characters at the end of a text and at the beginning of its rest that count as repeated. */
const MIN_OVERLAP = 16

const GO_ON = 'Your reply was cut off. Continue it exactly where it ends. Repeat nothing, and add no remark.'

/** Asks the model. `place` counts the calls from 0, and `said` is the text of the reply so far. */
type AskPart = (request: ModelRequest, place: number, said: string) => Promise<ModelReply>

/**
 * The reply to a request. If its end is missing and the request says `continue`, the model is asked for the rest, with
 * what it has said so far, and the parts are joined. A reply that stays without an end is `cut`, or
 * `model_truncated_output` if it is JSON.
 */
export async function wholeReply(
  request: ModelRequest,
  ask: AskPart,
  hide: Redaction['hide'] = (same) => same,
): Promise<ModelReply> {
  let reply = await ask(request, 0, '')
  // the offline model would begin again
  if (request.onTruncated !== 'continue' || reply.model === OFFLINE_MODEL_ID) return reply
  for (let place = 1; reply.cut && place <= MAX_CONTINUATIONS; place++) {
    const before = reply
    const said = wholeCharacters(before.text)
    const rest = await ask(restOf(request, said), place, said).catch((error: unknown) => lost(error, before))
    if (is(rest)) {
      reply = countingFailed(before, rest)
      break
    }
    reply = hiddenReply(joined(before, rest), hide)
    if (reply.text === before.text) break
  }
  return request.schema && !reply.calls ? withObject(reply, request) : reply
}

/** The request for the rest. A server that enforces a schema could only begin the JSON again. */
function restOf({ schema: _, ...request }: ModelRequest, text: string): ModelRequest {
  const rounds = [
    ...(request.rounds ?? []),
    { said: [{ type: 'text' as const, text }], results: [] },
    { told: [GO_ON], said: [], results: [] },
  ]
  // the rest of a single call is no conversation
  return { ...(!request.tools && !request.rounds && { promptCache: 'off' }), ...request, rounds }
}

/** The error, if the model has no more to say or no room: the reply stays cut. Others are thrown with all spending. */
function lost(error: unknown, before: ModelReply) {
  if (is(error) && (remedyOf(error.code) === 'shrink' || NOTHING_MORE.includes(error.code))) return error
  throw withSpent(error, before)
}

const NOTHING_MORE = ['model_empty_output', 'model_truncated_output', 'model_malformed_call']

function joined(before: ModelReply, rest: ModelReply): ModelReply {
  const { cut: _, lacks = [], said = [], ...last } = rest
  const text = joinTexts(before.text, rest.text)
  // the last one says that this part was cut
  const known = [...new Set([...(before.lacks ?? []).slice(0, -1), ...lacks])]
  const files = [...(before.files ?? []), ...(rest.files ?? [])]
  return {
    ...last,
    text,
    citations: [...before.citations, ...rest.citations],
    ...sumSpent([before, rest]),
    ...(rest.cut && { cut: true }),
    ...(known.length > 0 && { lacks: known }),
    ...(files.length > 0 && { files }),
    ...(rest.calls && { said: [{ type: 'text', text: before.text }, ...said] }),
  }
}

/** A text without half of a character at its end: its first code unit, or U+FFFD for its first bytes. */
const wholeCharacters = (text: string) => text.replace(/(?:[\ud800-\udbff]|(?<!\ufffd)\ufffd+)$/, '')

/** Joins a text and its rest, which may repeat words, begin again, or begin with the other half of a character. */
function joinTexts(cut: string, rest: string): string {
  const before = /^[\udc00-\udfff]/.test(rest) ? cut : wholeCharacters(cut)
  if (before.length >= MIN_OVERLAP && rest.startsWith(before)) return rest
  for (let size = Math.min(before.length, rest.length); size >= MIN_OVERLAP; size--)
    if (before.endsWith(rest.slice(0, size))) return before + rest.slice(size)
  return before + rest
}

async function withObject(reply: ModelReply, { schema }: ModelRequest): Promise<ModelReply> {
  if (reply.object !== undefined || reply.refused !== undefined) return reply
  const checked = await (await createObjectCheck(schema!))(reply.text)
  if ('object' in checked && !reply.cut) return { ...reply, object: checked.object }
  const { model, text, lacks = [] } = reply
  const error = reply.cut
    ? new TerminalError(`${lacks.at(-1)}; its JSON is not complete: ${quoteReply(text)}`, {
        code: 'model_truncated_output',
      })
    : new TerminalError(
        `Model ${model} did not give JSON that fits the schema: ${'wrong' in checked ? checked.wrong : ''}: ${quoteReply(text)}`,
        { code: 'model_invalid_output' },
      )
  throw withSpent(withFailedReply(error, text), reply)
}
