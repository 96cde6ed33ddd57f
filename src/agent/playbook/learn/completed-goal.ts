import type { Json } from '../../../kernel/schema.ts'
import type { CallStatus } from '../../protocol/stored-goal.ts'

/** A goal that was completed, with everything that its playbook is made from. */
export type CompletedGoal = {
  readonly agent: string
  readonly goal: string
  /** the instructions of its agent */
  readonly instructions: string
  /** the model also got memories of earlier goals */
  readonly remembers?: true
  /** in the order of the rounds */
  readonly calls: readonly DoneCall[]
  readonly answer: string
}

/** A call that a run made for a goal. Calls of one round do not depend on each other. */
export type DoneCall = {
  readonly round: number
  readonly tool: string
  readonly parameters: { readonly [name: string]: Json }
  readonly outcome: CallStatus
  /** the whole result */
  readonly result: Json
  readonly isPure: boolean
  /** a person had to approve it */
  readonly isApproved: boolean
  readonly schema: CallSchema
}

/** The parts of a tool's schema that leave the model no choice. */
export type CallSchema = {
  /** the names of all fields */
  readonly fields: readonly string[]
  /** the only values that the schema allows, by the path of their parameter, such as `options.kind` */
  readonly fixed: { readonly [parameter: string]: Json }
}

/** The reason why a goal gives no playbook. */
export class NoPlaybook extends Error {}

/** A value as a reason names it. */
export const shown = (value: Json): string => {
  const text = JSON.stringify(value)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}

const MAX_SHOWN = 60

/** Fields of a result that only measure what was done. */
const MEASURES = new Set(['bytes', 'characters', 'length', 'line', 'lines', 'size'])

/**
 * Whether the result of a call tells the model something that it did not know. The result of a call with effects may
 * only confirm it: it repeats parameters, names the operation, or measures what was done. Pure.
 */
export function informs({ tool, parameters, result, isPure }: DoneCall): boolean {
  if (isPure) return true
  const known = new Set([...leavesOf(parameters), ...tool.split(':')])
  const confirms = (value: Json, key: string): boolean => {
    if (typeof value === 'object' && value !== null)
      return Object.entries(value).every(([name, item]) => confirms(item ?? null, name))
    return value === null || known.has(value) || (typeof value === 'number' && MEASURES.has(key))
  }
  return !confirms(result, '')
}

function leavesOf(value: Json): readonly Json[] {
  return typeof value === 'object' && value !== null
    ? Object.values(value).flatMap((item) => leavesOf(item ?? null))
    : [value]
}
