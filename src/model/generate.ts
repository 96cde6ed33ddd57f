import type { LanguageModelV4 } from '@ai-sdk/provider'
import { RetryableError, TerminalError } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import { callModel, type ModelCall, type RawReply } from './call.ts'
import { citationsOf } from './cite.ts'
import { OFFLINE } from './names.ts'
import { type Checked, objectCheck } from './object.ts'
import type { GenerateOptions, ModelReply, ModelRequest } from './spec.ts'
import { withSpent } from './spent.ts'
import { renderTask } from './task.ts'
import { addUsage } from './usage.ts'

type Answered = { readonly reply: RawReply; readonly object?: Json; readonly earlier?: RawReply }

const LONGEST_REPEATED = 20_000

/**
 * One reply of a model to a request. JSON is checked against the schema; what does not fit is asked for once more, then the
 * error is `model_invalid_output`. An empty reply is `model_empty_output`, JSON that was cut off `model_truncated_output`.
 */
export async function generateReply(
  id: string,
  model: LanguageModelV4,
  request: ModelRequest,
  options: GenerateOptions,
): Promise<ModelReply> {
  const call: ModelCall = { model, request, rendered: renderTask(request), since: [] }
  const answered = request.schema
    ? await askForObject(id, call, await objectCheck(request.schema), options)
    : await ask(id, call, options)
  const { reply, object, earlier } = answered
  return {
    text: reply.text,
    ...(object !== undefined && { object }),
    citations: citationsOf(reply.citations, request.documents),
    usage: addUsage(earlier ? [earlier.usage, reply.usage] : [reply.usage]),
    model: id,
    ...verdictOf(reply),
  }
}

async function ask(id: string, call: ModelCall, options: GenerateOptions): Promise<Answered> {
  const reply = await callModel(call, options)
  if (reply.text.trim() !== '' || refusalOf(reply) !== undefined) return { reply }
  const { usage } = reply
  throw withSpent(new RetryableError(`model ${id} gave an empty reply`, { code: 'model_empty_output' }), {
    model: id,
    usage,
  })
}

async function askForObject(
  id: string,
  call: ModelCall,
  check: (text: string) => Checked,
  options: GenerateOptions,
): Promise<Answered> {
  const first = await askWhole(id, call, options)
  const checked = check(first.text)
  if (refusalOf(first) !== undefined) return { reply: first }
  if ('object' in checked) return { reply: first, object: checked.object }
  const again = askAgain(call, first.text, checked.wrong)
  const second = await askWhole(id, again, { signal: options.signal }).catch((error: object) => {
    throw withSpent(error, { model: id, usage: first.usage })
  })
  const repaired = check(second.text)
  if ('object' in repaired) return { reply: second, object: repaired.object, earlier: first }
  const message = `model ${id} did not give JSON that fits the schema, asked twice: ${repaired.wrong}`
  throw withSpent(new TerminalError(message, { code: 'model_invalid_output' }), {
    model: id,
    usage: addUsage([first.usage, second.usage]),
  })
}

async function askWhole(id: string, call: ModelCall, options: GenerateOptions): Promise<RawReply> {
  const { reply } = await ask(id, call, options)
  if (reply.finishReason !== 'length') return reply
  const message = `model ${id} reached its limit of tokens before its JSON was complete; allow more with maxTokens`
  throw withSpent(new TerminalError(message, { code: 'model_truncated_output' }), { model: id, usage: reply.usage })
}

function askAgain(call: ModelCall, text: string, wrong: string): ModelCall {
  const complaint = `That does not fit the JSON Schema: ${wrong}. Answer again, with JSON alone.`
  const since = [
    { role: 'assistant' as const, content: text.slice(0, LONGEST_REPEATED) },
    { role: 'user' as const, content: complaint },
  ]
  return { ...call, since }
}

/** Why the model declined, by its own metadata or a provider's filter. */
function refusalOf({ finishReason, metadata }: RawReply): string | undefined {
  const said = metadata[OFFLINE]
  if (said?.refused === true) return String(said.why)
  return finishReason === 'content-filter' ? 'the provider filtered the reply' : undefined
}

function verdictOf(reply: RawReply): Pick<ModelReply, 'refused' | 'confidence'> {
  const refused = refusalOf(reply)
  const confidence = reply.metadata[OFFLINE]?.confidence
  return { ...(refused !== undefined && { refused }), ...(typeof confidence === 'number' && { confidence }) }
}
