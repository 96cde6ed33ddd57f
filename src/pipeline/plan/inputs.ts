import type { Json } from '../../kernel/schema.ts'

/** A `path` is a text. A run's starter thereby allows its tools to use the named file. */
export type InputType = 'string' | 'path' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'any'

/** The declaration of an input. An optional input without a default is null. */
export type InputSpec = {
  readonly type: InputType
  readonly required: boolean
  readonly default?: Json
  readonly description?: string
  readonly choices?: readonly Json[]
  readonly range?: readonly [low: number, high: number]
  readonly rules?: InputRules
  /** a model gives the default when a run does not; as parsed: the question and its path */
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
