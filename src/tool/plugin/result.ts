import { isJsonObject, type Json } from '../../kernel/json.ts'
import { placeOf } from '../../kernel/kept-json.ts'
import { validationIssues } from '../../kernel/schema-issues/validation-issues.ts'
import { badResult, callOf } from '../bad-result.ts'
import { keepResult } from '../once/check-json.ts'
import type { Tool } from '../tool.ts'

/**
 * The result of a tool as it can be kept. ToolFailure (`bad_result`, with the path) for a part that cannot be, and for
 * a result that does not fit the tool's `output`. Nothing counts as null, and a reported failure need not fit.
 */
export function checkResult(tool: Pick<Tool, 'name' | 'output'>, given: unknown): Json | Promise<Json> {
  return checkFit(tool, keepResult(callOf(tool), given))
}

/** Our own tool, whose results are checked as those of plugins are. Nothing else of its known code is guarded. */
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
  throw badResult(callOf(tool), fault?.message ?? 'it is something else', {
    place: placeOf(fault?.path ?? []),
    hint: 'The tool declares its result as `output`.',
    result,
  })
}
