import { nearestWord } from '../../lib/suggest.ts'

/** How JSON is asked for: by its schema, as any object with the schema in words, or in words alone. */
export const JSON_MODES = ['schema', 'object', 'words'] as const
export type JsonMode = (typeof JSON_MODES)[number]

/** The demands of a server on the messages of a request. */
export type WireRules = {
  /** a message of the user directly after the result of a tool: sent so, or behind a short message of the assistant */
  readonly afterResult: 'any' | 'bridge'
  /** messages of one role in a row: sent so, or as one */
  readonly sameRole: 'any' | 'joined'
  /** ids of calls: as the model gave them, or nine letters and digits */
  readonly callIds: 'any' | 'nine'
  /** earlier thoughts: sent back, sent back with each call even if there were none, or left out */
  readonly thoughts: 'kept' | 'required' | 'left out'
  readonly json: JsonMode
}

/** The rules of a server that takes what the package of its provider makes of a request. */
export const AS_IT_IS: WireRules = {
  afterResult: 'any',
  sameRole: 'any',
  callIds: 'any',
  thoughts: 'kept',
  json: 'schema',
}

/** The sets of rules. */
const WIRES = {
  anthropic: AS_IT_IS,
  google: AS_IT_IS,
  responses: AS_IT_IS,
  openai: { ...AS_IT_IS, thoughts: 'left out' },
  // any server may be behind it
  openrouter: { ...AS_IT_IS, afterResult: 'bridge' },
  groq: { ...AS_IT_IS, thoughts: 'left out' },
  deepseek: { ...AS_IT_IS, sameRole: 'joined', thoughts: 'required', json: 'object' },
  mistral: { ...AS_IT_IS, afterResult: 'bridge', sameRole: 'joined', callIds: 'nine', thoughts: 'left out' },
  /** LM Studio, llama.cpp, vLLM and others: the template of the model decides */
  compatible: { ...AS_IT_IS, afterResult: 'bridge', sameRole: 'joined' },
  strict: { afterResult: 'bridge', sameRole: 'joined', callIds: 'nine', thoughts: 'left out', json: 'words' },
} as const satisfies { readonly [name: string]: WireRules }

/** The name of a set of rules. */
export type Wire = keyof typeof WIRES

export const WIRE_NAMES = Object.keys(WIRES) as readonly Wire[]

/** The rules of a wire; undefined: of a provider that has no set of its own. */
export const rulesOf = (wire: Wire | undefined): WireRules => (wire === undefined ? AS_IT_IS : WIRES[wire])

/** The fault of a word that names no set of rules, with a suggestion; undefined: it names one. */
export function wireFault(word: string): string | undefined {
  if (Object.hasOwn(WIRES, word)) return undefined
  const close = nearestWord(word, WIRE_NAMES)
  return `${close === undefined ? '' : `Did you mean ${close}? `}expected one of ${WIRE_NAMES.join(', ')}`
}
