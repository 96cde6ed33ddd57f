import { InvalidError, problemOf } from '../../errors.ts'
import { findNonJson, isJsonObject, type NonJson } from '../../kernel/json.ts'
import type { Json } from '../../kernel/schema.ts'
import { validationIssues } from '../../kernel/schema-issues/validation-issues.ts'
import { clip } from '../../lib/clip.ts'
import type { Tool } from '../tool.ts'

/**
 * The result of a tool, unchanged. InvalidError (`invalid_tool_output`, with the path) for a part that is not JSON, and
 * for a result that does not fit the tool's `output`. Nothing counts as null, and a reported failure need not fit.
 */
export function checkResult(tool: Pick<Tool, 'name' | 'output'>, given: unknown): Json | Promise<Json> {
  const value = given === undefined ? null : given
  const strange = nonJsonIn(tool, value)
  if (strange) {
    const { what, path } = strange
    throw wrong(tool, path, `expected JSON, got ${what}`, HINTS[what.slice(what.indexOf(' ') + 1)] ?? HINT)
  }
  return checkFit(tool, value as Json)
}

/**
 * A tool of our own, whose results are checked when it runs as those of
 * plugins are. Its code is known, so nothing else of it is guarded.
 */
export function withCheckedResults(tool: Tool): Tool {
  const { execute, confined } = tool
  if (!tool.output || typeof execute !== 'function') return tool
  const checking =
    (act: Tool['execute']): Tool['execute'] =>
    (input, context) => {
      const made = act.call(tool, input, context)
      return made instanceof Promise ? made.then((result) => checkFit(tool, result)) : checkFit(tool, made)
    }
  return Object.assign(Object.create(tool) as Tool, {
    execute: checking(execute),
    ...(confined && { confined: checking(confined) }),
  })
}

/** Answers at once if the schema does. */
function checkFit(tool: Pick<Tool, 'name' | 'output'>, result: Json): Json | Promise<Json> {
  if (!tool.output || (isJsonObject(result) && result.success === false)) return result
  const checked = tool.output['~standard'].validate(result)
  return checked instanceof Promise
    ? checked.then(({ issues }) => fitting(tool, result, issues))
    : fitting(tool, result, checked.issues)
}

type Issues = Parameters<typeof validationIssues>[0]

function fitting(tool: Pick<Tool, 'name'>, result: Json, issues: Issues | undefined): Json {
  if (!issues) return result
  const [fault] = validationIssues(issues, result)
  throw wrong(tool, fault?.path ?? [], fault?.message ?? 'it does not fit', 'The tool declares its result as `output`.')
}

/** Reading the result runs code of the tool, such as a getter. */
function nonJsonIn(tool: Pick<Tool, 'name'>, value: unknown): NonJson | undefined {
  try {
    return findNonJson(value)
  } catch (error) {
    throw wrong(tool, [], `it cannot be read: ${problemOf(error).message}`, HINT)
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

function wrong({ name }: Pick<Tool, 'name'>, path: readonly (string | number)[], what: string, hint: string) {
  const place = clip(pathText(path), MAX_PATH)
  return new InvalidError(`the result of ${name} is wrong${place && ` at \`${place}\``}: ${what}`, {
    code: 'invalid_tool_output',
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
