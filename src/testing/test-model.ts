import type { Json } from '../kernel/json.ts'

/**
 * A model of an AI SDK provider (`LanguageModelV4`), as far as tests need its type. The SDK's own type needs packages
 * that a project may lack.
 */
export type TestModel = {
  readonly specificationVersion: 'v4'
  readonly provider: string
  readonly modelId: string
  doGenerate(options: never): PromiseLike<object>
  doStream(options: never): PromiseLike<object>
}

/** The reaction to a matching prompt: waits for the gate, then throws `error` or returns `reply`. */
export type ScriptedTurn = {
  /** a text in the prompt, a pattern or a test for it; absent: any prompt */
  readonly match?: string | RegExp | ((prompt: string) => boolean)
  /** a text, or a value that is returned as JSON */
  readonly reply?: Json
  /** tools that it calls, with or without a reply */
  readonly calls?: readonly { readonly name: string; readonly input: Json }[]
  readonly error?: unknown
  /** the reply waits until this resolves; an abort ends the wait */
  readonly gate?: PromiseLike<unknown>
  /** how often it may be used; absent: always */
  readonly times?: number
  readonly finish?: 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'error' | 'interrupted' | 'other'
  readonly usage?: {
    readonly input: number
    readonly output: number
    readonly cacheRead?: number
    readonly cacheWrite?: number
  }
}
