import { InvalidError, problemOf } from '../../errors.ts'
import { findNonJson, type NonJson } from '../../kernel/json.ts'
import type { Json } from '../../kernel/schema.ts'
import { clip } from '../../lib/clip.ts'
import { badResult } from '../bad-result.ts'
import { keptJson } from './kept-json.ts'

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
    throw wrong([], `it cannot be read: ${problemOf(error).message}`, HINT)
  }
}

const notJson = ({ what, path }: NonJson, wrong: Wrong) =>
  wrong(path, `expected JSON, got ${what}`, HINTS[what.slice(what.indexOf(' ') + 1)] ?? HINT)

const HINT = 'Return texts, finite numbers, booleans, null, lists and plain maps.'
const HINTS: { readonly [what: string]: string | undefined } = {
  BigInt: 'Return it as a text: String(value).',
  Buffer: "Return it as a text: value.toString('base64').",
  Date: 'Return it as a text: value.toISOString().',
  Map: 'Return it as a map: Object.fromEntries(value).',
  Set: 'Return it as a list: [...value].',
  undefined: 'Return null where a value is missing.',
}

/** The error of a value that is wrong there. */
export function wrongResult({ name }: Named, path: Path, what: string, hint: string, code: string) {
  const place = placeOf(path)
  const message = `The result of ${name} is wrong${place && ` at \`${place}\``}: ${what}`
  return new InvalidError(message, { code, hint, place: { path: place } })
}

/** A place in a value, as messages show it. */
export const placeOf = (path: Path): string => clip(pathText(path), MAX_PATH)

const MAX_PATH = 200

/** The path as a program would write it: `rows[2].name`. */
function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(part)) return `${text}[${JSON.stringify(part)}]`
    return text === '' ? part : `${text}.${part}`
  }, '')
}
