import { InvalidError, problemOf } from '../../errors.ts'
import { findNonJson, type Json, type NonJson } from '../../kernel/json.ts'
import { hintFor, keptJson, placeOf } from '../../kernel/kept-json.ts'
import { badResult } from '../bad-result.ts'

/** The tool or the part that has the result, by its name in messages. */
type Named = { readonly name: string }

/**
 * A value of code, unchanged; nothing counts as null.
 * @throws InvalidError (with the code and the path) for a part of it that is not JSON
 */
export function checkJson(tool: Named, given: unknown, code: string): Json {
  const value = given === undefined ? null : given
  const wrong = (path: Path, what: string, hint: string) => wrongResult(tool, path, what, hint, code)
  const strange = reading(() => findNonJson(value), wrong)
  if (strange) throw notJson(strange, wrong)
  return value as Json
}

/**
 * The result of a tool, or of a part of its call, as it can be kept; nothing counts as null.
 * @throws ToolFailure `bad_result` with the path of a part that cannot be kept
 */
export function keepResult(of: string, given: unknown): Json {
  const wrong = (path: Path, why: string, hint: string) => badResult(of, why, { place: placeOf(path), hint })
  const found = reading(() => keptJson(given === undefined ? null : given), wrong)
  if ('what' in found) throw notJson(found, wrong)
  return found.json
}

type Path = readonly (string | number)[]
type Wrong = (path: Path, what: string, hint: string) => Error

/** Reading a value runs its code, such as a getter. */
function reading<T>(read: () => T, wrong: Wrong): T {
  try {
    return read()
  } catch (error) {
    throw wrong([], `it cannot be read: ${problemOf(error).message}`, hintFor(''))
  }
}

const notJson = ({ what, path }: NonJson, wrong: Wrong) => wrong(path, `expected JSON, got ${what}`, hintFor(what))

/** The error of a value that is wrong there. */
export function wrongResult({ name }: Named, path: Path, what: string, hint: string, code: string) {
  const place = placeOf(path)
  const message = `The result of ${name} is wrong${place && ` at \`${place}\``}: ${what}`
  return new InvalidError(message, { code, hint, place: { path: place } })
}
