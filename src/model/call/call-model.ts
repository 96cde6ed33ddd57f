import type {
  JSONSchema7,
  JSONValue,
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Message,
} from '@ai-sdk/provider'
import { maxInput } from '../cost/cost-ceiling.ts'
import type { UsageEstimate } from '../cost/usage.ts'
import { lineOf, NOTHING_READ, partsOfFile, type ShownFiles } from '../files/shown-file.ts'
import { PROVIDER_OPTIONS_KEY, providerOfId } from '../model-id.ts'
import { toolOptions, withOwnNames } from '../offer/tool-offers.ts'
import type { JsonSchema, RenderedPrompt } from '../prompt/task.ts'
import { readInItsForm } from '../provider/reply-form.ts'
import { withCacheMarks } from '../request/cache-marks.ts'
import { withThoughtsOfCalls } from '../request/chat-thoughts.ts'

import { isReference, toFileParts } from '../request/files.ts'
import type { GenerateOptions, ModelRequest } from '../request/request.ts'
import { withTimeouts } from '../request/timeouts.ts'
import { acceptedMessages } from '../wire/accept.ts'
import { reasoningOptions } from '../wire/reasoning.ts'
import type { JsonMode, WireRules } from '../wire/rules.ts'
import { wellFormed } from '../wire/well-formed.ts'
import { acceptableRounds } from './acceptable-rounds.ts'
import { isItemLost, type LostItems, lostThoughts } from './lost-items.ts'
import { type InputEstimate, type RawReply, readReplyStream, toRawReply, withAnsweredUsage } from './reply.ts'
import { toolRoundMessages } from './tool-calling.ts'

/** In strict mode OpenAI rejects a schema with optional fields. */
const LENIENT_SCHEMA = { strictJsonSchema: false }

/** Google and others reject an empty message. */
const EMPTY_TEXT = '-'

/** One model call: the rendered task, and the messages so far when the model is asked again. */
export type ModelCall = Pick<UsageEstimate, 'window' | 'price' | 'promptCache'> & {
  readonly id: string
  readonly model: LanguageModelV4
  readonly rendered: RenderedPrompt
  readonly request: ModelRequest
  readonly since: readonly LanguageModelV4Message[]
  /** the demands of the model's server */
  readonly rules: WireRules
  /** how JSON is asked for */
  readonly json: JsonMode
  /** how its files are shown; absent: it has none */
  readonly shown?: ShownFiles | undefined
  readonly lost?: LostItems | undefined
}

/**
 * Calls the model once, as a stream when the caller listens. Rejects with the provider's error, with the signal's
 * reason after an abort, or with a TimeoutError when the call takes too long.
 */
export async function callModel(call: ModelCall, options: GenerateOptions): Promise<RawReply> {
  const { signal, onDelta, onRestart } = options
  signal.throwIfAborted()
  return withTimeouts(options, signal, async (inner, reading) => {
    const plain = optionsOf(call, inner, options.share)
    const { promptCache = 'off' } = call
    const asked = promptCache === 'off' ? plain : withCacheMarks(plain, promptCache)
    const estimate = estimateOf(call)
    if (onDelta) reading.begin()
    const { reply, lacks } = await askModel(call, asked, onDelta ? 'stream' : 'whole').catch((error: unknown) => {
      throw withAnsweredUsage(error, estimate)
    })
    const { tools } = call.request
    if ('whole' in reply)
      return { ...withOwnNames(emitWhole(toRawReply(reply.whole, estimate), onDelta), tools), lacks }
    const { stream } = reply.stream
    const heard = onDelta ? reading.heard : nothing
    const listener = { signal: inner, heard, onDelta: onDelta ?? nothing, ...(onRestart && { onRestart }) }
    const read = await readReplyStream(stream, listener, estimate)
    return { ...withOwnNames(read, tools), lacks }
  })
}

/** Asks for a reply. A provider that has not kept an earlier reply is asked again, with all that can go back whole. */
async function askModel(call: ModelCall, asked: LanguageModelV4CallOptions, form: 'whole' | 'stream') {
  const { id, model, lost } = call
  const ask = (options: LanguageModelV4CallOptions) => {
    const read = { whole: () => model.doGenerate(options), stream: () => model.doStream(options) }
    return readInItsForm(form, read, heldTokens(call))
  }
  const unstored = { ...asked.providerOptions?.openai, store: false }
  const whole = { ...asked, providerOptions: { ...asked.providerOptions, openai: unstored } }
  if (lost?.has(id)) return { reply: await ask(whole), lacks: [] }
  try {
    return { reply: await ask(asked), lacks: [] }
  } catch (error) {
    if (!lost || !isItemLost(error)) throw error
    lost.learn(id)
    return { reply: await ask(whole), lacks: lostThoughts(id, asked.prompt) }
  }
}

const nothing = () => {}

/** A listener gets a whole reply at once. */
function emitWhole(reply: RawReply, onDelta: GenerateOptions['onDelta']): RawReply {
  if (reply.text !== '') onDelta?.(reply.text)
  return reply
}

/** The limit of a reply to which the package of its provider may add thoughts. */
const heldTokens = ({ rules, request: { reasoning, maxTokens } }: ModelCall) =>
  reasoning && rules.reasoning === 'tokens' ? maxTokens : undefined

function estimateOf({ id, window, price, promptCache, request, rendered, since }: ModelCall): InputEstimate {
  return {
    model: id,
    window,
    price,
    promptCache,
    input: () => maxInput(request, rendered, { since, receiver: { model: id } }),
  }
}

function optionsOf(
  { id, rendered, request, since, rules, json, shown = NOTHING_READ }: ModelCall,
  signal: AbortSignal,
  share?: string,
) {
  const { system, prompt, offline } = rendered
  const { maxTokens, temperature, schema, files = [], tools, toolChoice, rounds = [] } = request
  // Anthropic refuses thoughts where it is forced to call a tool
  const wished = toolChoice === 'required' ? undefined : request.reasoning
  const { providerOptions: thinking, ...reasoning } = reasoningOptions(wished, rules, providerOfId(id))
  return {
    prompt: wellFormed(
      acceptedMessages(
        [
          ...(system ? [{ role: 'system' as const, content: system }] : []),
          {
            role: 'user' as const,
            content: [
              ...files.filter(isReference).flatMap((file) => partsOfInput(shown(file))),
              ...toFileParts(files),
              { type: 'text' as const, text: prompt.trim() === '' ? EMPTY_TEXT : prompt },
            ],
          },
          ...withThoughtsOfCalls(acceptableRounds(rounds, tools, rules.callIds)).flatMap((round) =>
            toolRoundMessages(round, shown, rules),
          ),
          ...since,
        ],
        rules,
      ),
    ),
    abortSignal: signal,
    ...toolOptions(tools, toolChoice),
    providerOptions: {
      // plain JSON; the SDK's type does not accept readonly data
      offline: offline as { [key: string]: JSONValue },
      openaiCompatible: LENIENT_SCHEMA,
      openai: LENIENT_SCHEMA,
      ...thinking,
      ...(share !== undefined && { [PROVIDER_OPTIONS_KEY]: { share } }),
    },
    ...reasoning,
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(schema && json !== 'words' && { responseFormat: jsonFormat(schema, json) }),
  }
}

/** The text of a file is a document of the prompt. */
const partsOfInput = (shown: ReturnType<ShownFiles>) =>
  shown.type === 'line' ? [{ type: 'text' as const, text: lineOf(shown) }] : partsOfFile(shown)

const jsonFormat = (schema: JsonSchema, mode: JsonMode) =>
  mode === 'schema' ? { type: 'json' as const, schema: schema as JSONSchema7 } : { type: 'json' as const }
