import type { Json } from '../../kernel/schema.ts'

/** A `path` is text; who gives one to a run lets its tools touch what it names. */
export type InputType = 'string' | 'path' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'any'

/** What a pipeline takes under one name; without a default and not required it is null. */
export type InputSpec = {
  readonly type: InputType
  readonly required: boolean
  readonly default?: Json
  readonly description?: string
  readonly choices?: readonly Json[]
  readonly range?: readonly [low: number, high: number]
  readonly rules?: InputRules
  /** a model tells its default when a run does not give it; as it was read: what it asks, and where */
  readonly asks?: true | { readonly text: string; readonly path: readonly (string | number)[] }
}

/** The constraints of a `validation:` map. */
export type InputRules = {
  readonly min_length?: number
  readonly max_length?: number
  readonly pattern?: string
  readonly min?: number
  readonly max?: number
}

/** The author's words for a type. */
export const INPUT_TYPES: { readonly [word: string]: InputType } = {
  string: 'string',
  str: 'string',
  text: 'string',
  file: 'path',
  folder: 'path',
  path: 'path',
  integer: 'integer',
  int: 'integer',
  number: 'number',
  float: 'number',
  boolean: 'boolean',
  bool: 'boolean',
  array: 'array',
  list: 'array',
  object: 'object',
  map: 'object',
  dict: 'object',
  json: 'any',
  any: 'any',
}

/** The values that a run takes, by the names of its inputs. */
export type Inputs = { readonly [name: string]: Json }
