import { InvalidError } from '../../errors.ts'
import { parseNow } from '../../kernel/schema.ts'
import { nameOfType, typeOf } from '../../kernel/schema-issues/issue-words.ts'
import { validationIssues } from '../../kernel/schema-issues/validation-issues.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { type FirstRunMessage, originOfRequest } from '../../run/room/executor.ts'
import type { OpenRuns } from '../../run/room/open-port.ts'
import { digestOf } from '../../run/room/start-ids.ts'
import { isCallName } from '../../step/messages/call-names.ts'
import type { RunOrigin } from '../../step/messages/run-origin.ts'
import { OUTPUTS_STEP } from '../../step/record/outcome.ts'
import type { ValueStore } from '../../step/values.ts'
import { findInputFaults } from '../../tool/input.ts'
import { hashOfCode } from '../../tool/plugin/code-tool.ts'
import { type ApprovalPolicy, MAX_CALLS, type ToolRequest, toolRequestSchema } from '../../tool/tool-request.ts'
import { findCalledTool, isKnownTool, type Toolbox, unknownTool } from '../../tool/toolbox.ts'
import { storeContext } from '../../work/origin/call-for.ts'
import { checkOpenNames } from '../../work/tools/program-tools.ts'
import { type CallsStart, callsStartSchema } from '../messages.ts'
import type { ToolCallOptions, ToolsPort } from './port.ts'

type Parts = {
  readonly values: Pick<ValueStore, 'put'>
  readonly runs: Pick<OpenRuns, 'begin'>
  readonly toolbox: Toolbox
  /** tools of the program that are open to calls from the network */
  readonly openTools: readonly string[]
  /** which calls of a model wait for a person */
  readonly approve: ApprovalPolicy
  /** the names of the rules around all work of this process */
  readonly rules: readonly string[]
}

export function createTools({ runs, values, toolbox, openTools, approve, rules }: Parts): ToolsPort {
  return {
    async call(calls, options = {}) {
      checkCalls(calls, toolbox)
      checkApproved(options.approve, toolbox)
      const { trusted = true, offered } = options
      if (!trusted && !offered)
        checkOpenNames(
          calls.map(({ tool }) => tool),
          { toolbox, openTools },
          'calls',
        )
      const code = codeOf(calls, toolbox)
      const given = { ...options, ...(await storeContext(values, options.context, rules)) }
      const start = { ...callsMessage(calls, given, approve), ...(code && { code }) }
      // the caller gets the error of a wrong value: the message itself would only become a dead letter
      parseNow<unknown>(callsStartSchema, start, 'options')
      return runs.begin(start as FirstRunMessage, { ...options, content: digestOf({ calls }) })
    },
  }
}

/** The hashes of those of the called tools that are code of the program. */
function codeOf(calls: readonly ToolRequest[], toolbox: Toolbox): CallsStart['code'] {
  const found: { [tool: string]: string } = {}
  for (const { tool: name } of calls) {
    const tool = findCalledTool(toolbox, name)
    const hash = tool && hashOfCode(tool)
    if (hash !== undefined) found[name] = hash
  }
  return Object.keys(found).length > 0 ? found : undefined
}

/** The message that starts a run of calls. Calls that an author wrote wait only where the author says so. */
export function callsMessage(
  calls: readonly ToolRequest[],
  options: ToolCallOptions & Pick<RunOrigin, 'workFor'>,
  policy: ApprovalPolicy,
): CallsStart {
  const { approve: also, onFailure, chosenByModel = false, offered = false, workFor } = options
  const origin: RunOrigin = {
    ...originOfRequest(options, !offered),
    ...(chosenByModel && { chosenByModel: true }),
    ...(workFor && { workFor }),
  }
  return {
    type: 'calls',
    calls,
    approve: chosenByModel ? policy : 'none',
    ...(also && { also }),
    ...(onFailure && { onFailure }),
    origin,
  }
}

/** InvalidError for a name that no tool has: its calls would not wait for a person. */
function checkApproved(names: ToolCallOptions['approve'], toolbox: Toolbox): void {
  if (!Array.isArray(names)) return
  for (const [index, name] of names.entries())
    if (!isKnownTool(name, toolbox)) throw unknownTool(name, `approve[${index}]`, undefined, toolbox)
}

/** InvalidError for the first call that cannot be made as it is. */
function checkCalls(calls: readonly ToolRequest[], toolbox: Toolbox): void {
  if (!Array.isArray(calls))
    throw new InvalidError(`tools.call: expected a list of calls as \`calls\`, got ${nameOfType(typeOf(calls))}.`, {
      place: { path: 'calls' },
      hint: 'One call is a list, too: tools.call([{ tool: NAME, parameters: { … } }]).',
    })
  if (calls.length === 0 || calls.length > MAX_CALLS)
    throw new InvalidError(`Expected 1 to ${MAX_CALLS} calls, got ${calls.length}.`, { place: { path: 'calls' } })
  const ids = new Set<string>()
  for (const [index, call] of calls.entries()) checkCall(call, `calls[${index}]`, { toolbox, ids })
}

type Checked = { readonly toolbox: Toolbox; readonly ids: Set<string> }

function checkCall(call: ToolRequest, path: string, { toolbox, ids }: Checked): void {
  const parsed = toolRequestSchema.safeParse(call)
  if (!parsed.success) {
    const [issue] = validationIssues(parsed.error.issues, call)
    throw new InvalidError(`${[path, ...issue!.path].join('.')}: ${issue!.message}`, { place: { path } })
  }
  const { id, tool: name, parameters = {} } = call
  if (id !== undefined && isReserved(id))
    throw new InvalidError(`${path}.id: the id ${id} is reserved.`, { place: { path } })
  if (id !== undefined && ids.size === ids.add(id).size)
    throw new InvalidError(`${path}.id: there are two calls with the id ${id}.`, { place: { path } })
  const tool = findCalledTool(toolbox, name)
  if (!tool) throw noTool(name, path, toolbox)
  const [fault] = findInputFaults(tool, parameters, () => true)
  if (fault)
    throw new InvalidError(`${[path, 'parameters', ...fault.path].join('.')}: ${fault.message}`, { place: { path } })
}

const isReserved = (id: string) => id === 'inputs' || id === OUTPUTS_STEP || isCallName(id)

function noTool(name: string, path: string, toolbox: Toolbox): InvalidError {
  const [main] = name.split(':')
  const operations = toolbox.operations(main!)
  const known = operations.length > 0 ? operations.map((operation) => `${main}:${operation}`) : toolbox.names()
  const near = nearestWord(name, known)
  const hint = near === undefined ? '`antiphon tools list` shows all tools.' : `Did you mean ${near}?`
  return new InvalidError(`${path}.tool: there is no tool ${name}.`, { code: 'unknown_tool', hint, place: { path } })
}
