import { InvalidError, problemOf } from '../../errors.ts'
import { findNonJson, type NonJson } from '../../kernel/json.ts'
import type { Json } from '../../kernel/schema.ts'
import { clip } from '../../lib/clip.ts'

/** The tool or the part that has the result, by its name in messages. */
type Named = { readonly name: string }

/**
 * The result of a tool, or of a part of its call, unchanged; nothing counts as null.
 * @throws InvalidError (`invalid_tool_output`, or another code, with the path) for a part of it that is not JSON
 */
export function checkJson(tool: Named, given: unknown, code?: string): Json {
  const value = given === undefined ? null : given
  const strange = nonJsonIn(tool, value, code)
  if (!strange) return value as Json
  const { what, path } = strange
  throw wrongResult(tool, path, `expected JSON, got ${what}`, HINTS[what.slice(what.indexOf(' ') + 1)] ?? HINT, code)
}

/** Reading the result runs code of the tool, such as a getter. */
function nonJsonIn(tool: Named, value: unknown, code?: string): NonJson | undefined {
  try {
    return findNonJson(value)
  } catch (error) {
    throw wrongResult(tool, [], `it cannot be read: ${problemOf(error).message}`, HINT, code)
  }
}

const HINT = 'Return texts, finite numbers, booleans, null, lists and plain maps.'
const HINTS: { readonly [what: string]: string | undefined } = {
  BigInt: 'Return it as a text: String(value).',
  Date: 'Return it as a text: value.toISOString().',
  Map: 'Return it as a map: Object.fromEntries(value).',
  Set: 'Return it as a list: [...value].',
  undefined: 'Return null where a value is missing.',
}

/** The error of a result that is wrong there. */
export function wrongResult(
  { name }: Named,
  path: readonly (string | number)[],
  what: string,
  hint: string,
  code = 'invalid_tool_output',
) {
  const place = clip(pathText(path), MAX_PATH)
  return new InvalidError(`the result of ${name} is wrong${place && ` at \`${place}\``}: ${what}`, {
    code,
    hint,
    place: { path: place },
  })
}

const MAX_PATH = 200

/** The path as a program would write it: `rows[2].name`. */
function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(part)) return `${text}[${JSON.stringify(part)}]`
    return text === '' ? part : `${text}.${part}`
  }, '')
}
