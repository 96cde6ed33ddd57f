import { InvalidError } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import type { Assignment } from './task.ts'

/** One call of a model; `model` overrides the default one. */
export type ModelRequest = Assignment & {
  readonly maxTokens?: number
  readonly temperature?: number
  readonly model?: string
}

/** A place in a document that the reply rests on; `start` and `end` (exclusive) are offsets in the document's text. */
export type Citation = {
  readonly document: string
  readonly text: string
  readonly start?: number
  readonly end?: number
}

/** Tokens of one or several calls; a server that does not count says 0. */
export type Usage = { readonly input: number; readonly output: number }

export type ModelReply = {
  readonly text: string
  /** what `text` says, checked against the schema; absent without a schema and when refused */
  readonly object?: Json
  readonly citations: readonly Citation[]
  readonly usage: Usage
  /** dollars, where the configuration tells its price */
  readonly cost?: number
  /** the id of the model that answered */
  readonly model: string
  /** why the model declined to do it; `text` then says so in words */
  readonly refused?: string
  /** 0..1; only models that measure it give one, offline/extractive at most .7 */
  readonly confidence?: number
}

export type GenerateOptions = { readonly signal: AbortSignal; onDelta?(text: string): void }

/** A model id in two: the provider ends at the first `/` or `:`. */
export type ModelId = { readonly provider: string; readonly name: string }

const LONGEST_ID = 200

/** `provider/name`, `provider:name` and `provider:name:tag` taken apart; InvalidError for anything else. */
export function parseModelId(id: string): ModelId {
  const parts = id.length <= LONGEST_ID ? /^([\w.-]+)[/:](\S+)$/.exec(id) : null
  if (parts) return { provider: parts[1]!, name: parts[2]! }
  throw new InvalidError(`${JSON.stringify(id.slice(0, LONGEST_ID))} is not a model id`, {
    hint: 'A model id is provider/name, such as ollama/llama3.2 or offline/extractive.',
    place: { path: 'model' },
  })
}

/** How ids are shown and compared. */
export function formatModelId({ provider, name }: ModelId): string {
  return `${provider}/${name}`
}
