import { nearestWord } from '../../lib/suggest.ts'
import { isOfMistral } from './default-wire.ts'

/** How a request asks for JSON: by its schema, as an object with the schema in words, or in words alone. */
export const JSON_MODES = ['schema', 'object', 'words'] as const
export type JsonMode = (typeof JSON_MODES)[number]

/** The demands of a server on the messages of a request. */
export type WireRules = {
  /** a message of the user directly after the result of a tool: sent so, or behind a short message of the assistant */
  readonly afterResult: 'any' | 'bridge'
  /** messages of one role in a row: sent so, or as one */
  readonly sameRole: 'any' | 'joined'
  /** files of a result: in the result, only pictures there, or all in the next message of the user */
  readonly resultFiles: 'inside' | 'pictures inside' | 'behind'
  /** ids of calls: as the model gave them, or nine letters and digits */
  readonly callIds: 'any' | 'nine'
  /** earlier thoughts: sent back, sent back with each call even if there were none, or left out */
  readonly thoughts: 'kept' | 'required' | 'left out'
  readonly json: JsonMode
  /** how much the model thinks: as tokens, as a word, as a map of either, or not said */
  readonly reasoning: 'tokens' | 'effort' | 'object' | 'none'
}

/** The rules of a server that takes what the package of its provider makes of a request. */
export const AS_IT_IS: WireRules = {
  afterResult: 'any',
  sameRole: 'any',
  resultFiles: 'behind',
  callIds: 'any',
  thoughts: 'kept',
  json: 'schema',
  reasoning: 'effort',
}

const WIRES = {
  anthropic: { ...AS_IT_IS, resultFiles: 'inside', reasoning: 'tokens' },
  google: { ...AS_IT_IS, resultFiles: 'pictures inside', reasoning: 'tokens' },
  responses: { ...AS_IT_IS, resultFiles: 'inside' },
  openai: { ...AS_IT_IS, thoughts: 'left out' },
  // any server may be behind it
  openrouter: { ...AS_IT_IS, afterResult: 'bridge', reasoning: 'object' },
  groq: { ...AS_IT_IS, thoughts: 'left out' },
  deepseek: { ...AS_IT_IS, sameRole: 'joined', thoughts: 'required', json: 'object', reasoning: 'none' },
  mistral: {
    ...AS_IT_IS,
    afterResult: 'bridge',
    sameRole: 'joined',
    callIds: 'nine',
    thoughts: 'left out',
    reasoning: 'none',
  },
  /** LM Studio, llama.cpp, vLLM and others: the template of the model decides, and it may be one of Mistral */
  compatible: { ...AS_IT_IS, afterResult: 'bridge', sameRole: 'joined', callIds: 'nine' },
  strict: {
    afterResult: 'bridge',
    sameRole: 'joined',
    resultFiles: 'behind',
    callIds: 'nine',
    thoughts: 'left out',
    json: 'words',
    reasoning: 'none',
  },
} as const satisfies { readonly [name: string]: WireRules }

/** The name of a set of rules. */
export type Wire = keyof typeof WIRES

export const WIRE_NAMES = Object.keys(WIRES) as readonly Wire[]

/**
 * The rules of a wire for a model; undefined: of a provider that has no set of its own. Models of Mistral want ids of
 * their form on each server.
 */
export function rulesOf(wire: Wire | undefined, model = ''): WireRules {
  const rules: WireRules = wire === undefined ? AS_IT_IS : WIRES[wire]
  return isOfMistral(model) ? { ...rules, callIds: 'nine' } : rules
}

/** The fault of a word that names no set of rules, with a suggestion; undefined: it names one. */
export function wireFault(word: string): string | undefined {
  if (Object.hasOwn(WIRES, word)) return undefined
  const close = nearestWord(word, WIRE_NAMES)
  return `${close === undefined ? '' : `Did you mean ${close}? `}expected one of ${WIRE_NAMES.join(', ')}`
}
