import { problemOf } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { jsonFrom } from '../../kernel/kept-json.ts'
import { checkSize } from '../../kernel/limits.ts'
import { badResult } from '../../tool/bad-result.ts'

/**
 * The value as it is stored, and as the workflow gets it: what JSON keeps of it. `undefined` is null.
 * @throws an error of code `bad_result` for a value that JSON changes or cannot hold: `what` was made, and is not
 * repeated
 */
export function asJson(value: unknown, what: string): Json {
  if (value === undefined) return null
  try {
    return toJson(value)
  } catch (error) {
    throw badResult(what, problemOf(error).message, { hint: problemOf(error).hint })
  }
}

/** The most characters of the JSON of a value. */
const MAX_VALUE = 64 * 1024 * 1024

/** The JSON of a value, as a copy. InvalidError for a value that JSON changes or cannot hold. */
export function toJson(value: unknown, what = 'The value'): Json {
  const json = jsonFrom(value, what)
  checkSize(json, MAX_VALUE, what)
  return json
}
