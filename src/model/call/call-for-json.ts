import { type JsonSchema, type RenderedPrompt, renderSchema } from '../prompt/task.ts'
import type { GenerateOptions } from '../request/request.ts'
import { JSON_MODES, type JsonMode } from '../wire/rules.ts'
import { callModel, type ModelCall } from './call-model.ts'
import { classifyError } from './classify-error.ts'
import { errorWordsOf, isAnswered, type ProviderError } from './error-words.ts'
import type { RawReply } from './reply.ts'

/** How each model is asked for JSON, as far as this process knows. */
export interface JsonModes {
  of(call: Pick<ModelCall, 'id' | 'request'>): JsonMode
  /** The server refused all modes before this one. */
  learn(call: Pick<ModelCall, 'id' | 'request'>, mode: JsonMode): void
}

/** A model begins with the mode that worked before, otherwise with `first`. One notice tells the first refusal. */
export function createJsonModes(first: (id: string) => JsonMode, notice: (line: string) => void): JsonModes {
  const learned = new Map<string, JsonMode>()
  const noticed = new Set<string>()
  // a server may refuse a format only beside tools
  const keyOf = ({ id, request }: Pick<ModelCall, 'id' | 'request'>) => `${id} ${(request.tools ?? []).length > 0}`
  return {
    of: (call) => learned.get(keyOf(call)) ?? first(call.id),
    learn(call, mode) {
      learned.set(keyOf(call), mode)
      if (noticed.has(call.id)) return
      noticed.add(call.id)
      notice(
        `model ${call.id}: its server refuses a JSON schema. It is asked for JSON ${HOW[mode]} from now on; ${ADVICE[mode]} at the model spares the refused request.`,
      )
    },
  }
}

const HOW = { schema: 'by a schema', object: 'with the schema in words', words: 'in words alone' }
const ADVICE = { schema: '`json: schema`', object: '`json: object`', words: '`json: false`' }

/** Calls the model for JSON. If the server refuses the format, it is asked with `json_object`, then in words. */
export async function callForJson(call: ModelCall, modes: JsonModes, options: GenerateOptions): Promise<RawReply> {
  const first = modes.of(call)
  let refusal: unknown
  for (const json of JSON_MODES.slice(JSON_MODES.indexOf(first))) {
    try {
      const reply = await callModel(json === 'schema' ? { ...call, json } : { ...inWords(call), json }, options)
      if (json !== first) modes.learn(call, json)
      return reply
    } catch (error) {
      if (!isFormatRefused(error)) throw error
      refusal ??= error
    }
  }
  throw refusal
}

/** The call with its schema in words. A form of prompts may leave it out. */
function inWords(call: ModelCall): ModelCall {
  const { rendered, request } = call
  const isSaid = (schema: JsonSchema) => `${rendered.system}${rendered.prompt}`.includes(JSON.stringify(schema))
  if (!request.schema || isSaid(request.schema)) return call
  const said: RenderedPrompt = { ...rendered, prompt: `${rendered.prompt}\n\n${renderSchema(request.schema)}` }
  return { ...call, rendered: said }
}

/** Words of servers for the format of a reply. */
const FORMAT =
  /response[ _.-]?format|json[ _-]?(?:schema|object|mode|output)|response[ _]?(?:json[ _]?)?schema|response[ _]?mime[ _]?type|output[ _.]?(?:format|config|schema)|text\.format|structured[ _-]?(?:output|generation|decoding)|guided[ _](?:json|decoding)|grammar/i

/** Errors of a server that refuses a request because of its content. */
const REFUSALS = ['rejected', 'not_found', 'url', 'network']

function isFormatRefused(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || isAnswered(error)) return false
  const refused: ProviderError = error
  return REFUSALS.includes(classifyError(refused)) && FORMAT.test(errorWordsOf(refused).text)
}
