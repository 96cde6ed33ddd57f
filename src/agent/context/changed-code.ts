import type { JsonObject } from '../../kernel/json.ts'
import { schemaChanges } from '../../lib/json/schema-changes.ts'
import type { AgentDefinition, OnChange } from '../definition/definition.ts'
import { bindTools, type Code, missingCode } from './bound-tools.ts'

/** Code that a goal needs and that has changed since: what, the definition with the new code, and what follows. */
export type CodeChange = {
  /** a line for each change, such as `refund input: + reason (required)` */
  readonly lines: readonly string[]
  readonly next: AgentDefinition
  readonly onChange: OnChange
  /** it may go on without a person if its agent says `adopt` */
  readonly isSure: boolean
}

/** The code of the programs that a process has, and the present definition of an agent that it defines. */
type PresentCode = Code & {
  /** false: the process has no code of a program, such as a command */
  readonly hasCode: boolean
  readonly present: AgentDefinition | undefined
}

/**
 * The change of the code that a goal needs; undefined: there is none, or this process cannot know it. The definition
 * that follows keeps all but what names code. Pure.
 */
export function changedCode(before: AgentDefinition, code: PresentCode): CodeChange | undefined {
  const { present, hasCode } = code
  if (!hasCode || missingCode(before, code) === '') return undefined
  const next = present ? withCodeOf(before, present) : bindTools(before, code.toolbox)
  const { bound: old = {} } = before
  const { bound: now = {} } = next
  const gone = Object.keys(old).filter((tool) => !Object.hasOwn(now, tool))
  const adopted = { ...next, tools: next.tools.filter((tool) => !gone.includes(tool)) }
  // the output of an agent that this process does not define
  if (missingCode(adopted, code) !== '') return undefined
  const onChange = (present ?? before).onChange ?? 'ask'
  return {
    lines: linesOf(before, adopted),
    next: adopted,
    onChange,
    isSure: present !== undefined || gone.length === 0,
  }
}

/** The keys of a definition that name code, or say which of its calls wait for a person. */
const CODE_KEYS: readonly string[] = [
  'tools',
  'toolNotes',
  'denied',
  'approve',
  'output',
  'boundOutput',
  'bound',
  'boundInputs',
  'onChange',
] satisfies readonly (keyof AgentDefinition)[]

/** The keys of a definition that name code, as data. */
export const codeOfDefinition = (definition: AgentDefinition): JsonObject =>
  Object.fromEntries(
    Object.entries(definition).filter(([key]) => key === 'name' || CODE_KEYS.includes(key)),
  ) as JsonObject

function withCodeOf(before: AgentDefinition, present: AgentDefinition): AgentDefinition {
  const own = Object.entries(before).filter(([key]) => !CODE_KEYS.includes(key))
  const taken = Object.entries(present).filter(([key]) => CODE_KEYS.includes(key))
  return Object.fromEntries([...own, ...taken]) as AgentDefinition
}

function linesOf(before: AgentDefinition, next: AgentDefinition): readonly string[] {
  const { bound: old = {}, boundInputs: oldInputs = {} } = before
  const { bound: now = {}, boundInputs: inputs = {} } = next
  const tools = Object.keys({ ...old, ...now }).flatMap((tool) => {
    if (now[tool] === undefined) return [`${tool}: gone`]
    if (old[tool] === undefined) return [`${tool}: new`]
    if (old[tool] === now[tool]) return []
    const known = oldInputs[tool]
    return [`${tool} input: ${known ? schemaChanges(known, inputs[tool]).join(', ') : 'other parameters'}`]
  })
  const changes = schemaChanges(before.output, next.output)
  if (changes.length === 0) return tools
  if (!before.output || !next.output) return [...tools, next.output ? 'output: new' : 'output: gone']
  return [...tools, `output: ${changes.join(', ')}`]
}
