import { problemOf } from '../../errors.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import { listReferences, parseCondition, QUICK_LIMITS, testCondition } from '../../template/template.ts'
import { parseInput } from '../../tool/input.ts'
import { namesOfTool } from '../../tool/mcp/names-of-call.ts'
import type { Tool } from '../../tool/tool.ts'

/** The only name that a condition reads: the input of the call. */
const INPUT = 'input'

/** Why a text cannot be the condition of a rule; undefined: it can. */
export function faultOfCondition(when: string): string | undefined {
  try {
    const stray = listReferences(parseCondition(when)).find(({ name }) => name !== INPUT)
    return stray && `expected a condition that reads only \`${INPUT}\`, got \`${stray.name}\``
  } catch (error) {
    return problemOf(error).message
  }
}

/**
 * Whether a call waits by a condition about its input, with the defaults of its schema. A condition that cannot be
 * evaluated for this call holds. `named`: the name by which the rule means the call.
 */
export function conditionHolds(when: string, named: string, tool: Tool, parameters: unknown): boolean {
  try {
    const input = inputOf(named, tool, parameters)
    const scope = { get: (name: string) => (name === INPUT ? input : undefined) }
    return testCondition(parseCondition(when), scope, QUICK_LIMITS)
  } catch {
    return true
  }
}

/** The input of the tool that the rule names: `mcp-server:execute_tool` passes on that of the server's tool. */
function inputOf(named: string, tool: Tool, parameters: unknown): unknown {
  const input = parseInput(tool, parameters as { readonly [name: string]: Json })
  if (input instanceof Promise) {
    input.catch(ignore)
    throw new TypeError('the schema of the input is asynchronous')
  }
  if (namesOfTool(tool.name).includes(named)) return input
  const passed = (input as { readonly tool_params?: Json }).tool_params ?? null
  if (!isJsonObject(passed)) throw new TypeError('the call passes on no input')
  return passed
}

// the call itself reports the fault
const ignore = () => {}
