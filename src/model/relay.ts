import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { CallSecrets } from '../secret/environment-secrets.ts'
import { asBreak, toCallFailure } from './call/failure.ts'
import { interruptedReply } from './call/reply.ts'
import type { ModelFacts } from './choose/model-facts.ts'
import { maxTokensIn, maxUsage } from './cost/cost-ceiling.ts'
import type { Spent } from './cost/price.ts'
import { toSpent } from './cost/usage.ts'
import { idOfSdkModel } from './model-id.ts'
import { shownModel } from './reply/shown-model.ts'
import type { CallOptions, Usage } from './request/request.ts'
import { withTimeouts } from './request/timeouts.ts'

/** A call in the words of the AI SDK, with a model that a program has. `id`: as prices and workers know the model. */
export type Relay = {
  readonly id: string
  readonly model: LanguageModelV4
  readonly options: LanguageModelV4CallOptions
  readonly form: 'whole' | 'stream'
}

/** Options of a relayed call; `onDelta` receives the text of a stream. */
export type RelayOptions = CallOptions & { onDelta?(text: string): void }

/** The reply as JSON, without the bodies and headers of its request: the result of the model, or `{ parts }`. */
export type Relayed = Spent & { readonly model: string; readonly reply: JsonObject }

/** The models that a program has, by their ids. `about`: the known facts of a model, and its time limits. */
export function createRelay(
  own: ReadonlyMap<string, LanguageModelV4>,
  { redact, hide, shown, showStream }: Pick<CallSecrets, 'redact' | 'hide' | 'shown' | 'showStream'>,
  about: (id: string) => Partial<Pick<ModelFacts, 'context' | 'price'>> & Pick<CallOptions, 'timeouts'>,
) {
  return {
    /** The id of a model: as the program names it, else by its provider. */
    idOf: (model: LanguageModelV4) => [...own].find(([, one]) => one === model)?.[0] ?? idOfSdkModel(model),
    /** Makes a call within time limits. A rejected call has a code of ours; secrets are removed. */
    async relay(call: Relay, options: RelayOptions): Promise<Relayed> {
      const { id: model } = call
      const { signal, onDelta = () => {} } = options
      const { timeouts, context: window, price } = about(model)
      const stream = showStream()
      try {
        const asked = { ...call, model: shownModel(call.model, shown) }
        const reply = await ask(asked, { timeouts, ...options, onDelta: (text) => onDelta(stream.push(text)) })
        onDelta(stream.end())
        return { model, reply: hide(reply), ...toSpent(usageIn(reply), { ...estimateOf(call, reply), window, price }) }
      } catch (error) {
        throw toCallFailure(error, { model, redact, signal, now: Date.now() })
      }
    },
  }
}

/** Rejects with the error of the provider, also if the stream reports it. */
function ask({ id, model, options, form }: Relay, terms: Required<Pick<RelayOptions, 'onDelta'>> & RelayOptions) {
  const { signal, onDelta } = terms
  signal.throwIfAborted()
  return withTimeouts(terms, signal, async (abortSignal, reading): Promise<JsonObject> => {
    const asked = { ...options, abortSignal }
    if (form === 'whole') return replyForm(await model.doGenerate(asked))
    reading.begin()
    const { stream } = await model.doStream(asked)
    const parts: StreamForm[] = []
    for await (const part of stream) {
      abortSignal.throwIfAborted()
      reading.heard()
      if (part.type === 'error') throw asBreak(part.error)
      if (part.type === 'text-delta') onDelta(part.delta)
      addPart(parts, part)
    }
    if (parts.at(-1)?.type !== 'finish') throw interruptedReply(id)
    return { parts }
  })
}

const usageIn = ({ usage, parts }: JsonObject) =>
  (usage ?? (parts as readonly JsonObject[]).at(-1)?.usage) as Partial<LanguageModelV4Usage>

const estimateOf = (call: Relay, reply: JsonObject) => ({
  input: () => relayUsage(call).usage.input,
  output: () => maxTokensIn(JSON.stringify(reply)),
})

/** The most tokens of a call, and the limit of its reply. */
export function relayUsage({ id, options }: Relay): { readonly usage: Usage; readonly maxTokens: number } {
  const { maxOutputTokens: maxTokens, prompt, tools } = options
  const files: { readonly mediaType: string; readonly data: string }[] = []
  const instruction = JSON.stringify(plain({ prompt, tools }, (file) => files.push(file)))
  const request = { task: { kind: 'write' }, documents: [], instruction, files } as const
  return maxUsage({ ...request, ...(maxTokens !== undefined && { maxTokens }) }, undefined, { model: id })
}

function replyForm({ request: _, response, ...reply }: Awaited<ReturnType<LanguageModelV4['doGenerate']>>): JsonObject {
  const { id, timestamp, modelId } = response ?? {}
  return plain({ ...reply, ...(response && { response: { id, timestamp, modelId } }) }) as JsonObject
}

type StreamForm = JsonObject & { readonly type: string }

/** Adds a part to those before it. Deltas of one text become one, so a long reply is not a long list. */
function addPart(parts: StreamForm[], part: LanguageModelV4StreamPart): void {
  if (part.type === 'ping' || part.type === 'raw') return
  const form = plain(part) as StreamForm
  const last = parts.at(-1)
  const isMore = last && form.type.endsWith('-delta') && last.type === form.type && last.id === form.id
  if (isMore && !form.providerMetadata) parts[parts.length - 1] = { ...last, delta: `${last.delta}${form.delta}` }
  else parts.push(form)
}

/** A value of the SDK as JSON: bytes in base64, times in ISO form. `take` takes files out of it. */
function plain(value: unknown, take?: (file: { readonly mediaType: string; readonly data: string }) => void): Json {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Date) return value.toISOString()
  if (value instanceof URL) return value.href
  if (Array.isArray(value)) return value.map((item) => plain(item, take))
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? null : ((value ?? null) as Json)
  const { mediaType, data } = value as { readonly mediaType?: unknown; readonly data?: { readonly data?: unknown } }
  if (take && typeof mediaType === 'string' && data?.data !== undefined) {
    take({ mediaType, data: String(plain(data.data)) })
    return null
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item, take)]))
}
