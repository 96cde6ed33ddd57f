import { InvalidError } from '../../errors.ts'
import type { TemplatePosition } from '../syntax.ts'
import type { TemplateScope } from '../view.ts'

/** Limits of one rendering. Exceeding them fails with code template_limit. */
export type RenderLimits = {
  /** work: one for each visited node or processed item, and more for long texts */
  readonly steps: number
  /** characters of the whole output, and of any one intermediate text */
  readonly output: number
  /** items of any one list that is created or looped over */
  readonly items: number
  /** how deeply values that are printed or compared may nest */
  readonly depth: number
}

/** Default limits: at most about a second of work, usually far less. */
const DEFAULT_LIMITS: RenderLimits = { steps: 1_000_000, output: 16_000_000, items: 100_000, depth: 100 }

/** Limits for a shared thread: a few milliseconds of work. */
export const QUICK_LIMITS: RenderLimits = { ...DEFAULT_LIMITS, steps: 10_000 }

/** Names set inside the template. Names of a loop hide the outer ones. */
export type NameFrame = { readonly names: Map<string, unknown>; readonly parent: NameFrame | undefined }

/** A reference that led nowhere, by name and place. */
type UnresolvedReference = {
  readonly name: string
  readonly at: TemplatePosition
  readonly why?: string | undefined
}

/** The state of one rendering. */
export type RenderMachine = {
  readonly scope: TemplateScope
  readonly limits: RenderLimits
  /** created when first needed, like the frame: most renderings need neither */
  unresolved?: Map<string, UnresolvedReference>
  frame?: NameFrame | undefined
  /** the current node: a failure is reported there */
  at: TemplatePosition
  /** the filter, check, method or function that works: a failure names it */
  operation: string | undefined
  steps: number
}

/** The maps that templates may change: those created by `namespace()`. */
export const NAMESPACES = new WeakSet<object>()

/** A machine at the start of a rendering. */
export function createRenderMachine(scope: TemplateScope, limits?: Partial<RenderLimits>): RenderMachine {
  return {
    scope,
    limits: limits === QUICK_LIMITS ? QUICK_LIMITS : limits ? { ...DEFAULT_LIMITS, ...limits } : DEFAULT_LIMITS,
    at: START_POSITION,
    operation: undefined,
    steps: 0,
  }
}

const START_POSITION: TemplatePosition = { line: 1, column: 1 }

/** The names that are set in the present scope. */
export function currentNames(machine: RenderMachine): Map<string, unknown> {
  machine.frame ??= { names: new Map(), parent: undefined }
  return machine.frame.names
}

const MAX_MESSAGE_LENGTH = 500

/** Fails at the current node, and names the operation that works. */
export function failAtNode(machine: RenderMachine, message: string, hint?: string): never {
  const named = machine.operation === undefined ? message : `${machine.operation}: ${message}`
  const short = named.length > MAX_MESSAGE_LENGTH ? `${named.slice(0, MAX_MESSAGE_LENGTH)}…` : named
  throw new InvalidError(short, { code: 'template_failed', place: machine.at, ...(hint !== undefined && { hint }) })
}

/** Counts work, and fails above the limit. */
export function spendSteps(machine: RenderMachine, steps: number): void {
  machine.steps += steps
  if (machine.steps > machine.limits.steps) exceed(machine, `takes more than ${machine.limits.steps} steps`)
}

/** Fails if a text of this length would be too long. */
export function checkLength(machine: RenderMachine, length: number): void {
  const { output } = machine.limits
  if (!(length <= output)) exceed(machine, `makes a text of more than ${output} characters`)
}

/** Counts a text before it is created, and fails above the limit. */
export function spendText(machine: RenderMachine, length: number): void {
  checkLength(machine, length)
  spendSteps(machine, length / 32)
}

/** Counts inserted parts and fails beyond the limit: a short text with many places can become very long. */
export function createTextCounter(machine: RenderMachine): (part: string) => string {
  let length = 0
  return (part) => {
    length += part.length
    checkLength(machine, length)
    spendSteps(machine, 0.5 + part.length / 64)
    return part
  }
}

/** Counts a list before it is created or looped over, and fails above the limit. */
export function spendItems(machine: RenderMachine, length: number): void {
  if (!(length <= machine.limits.items)) exceed(machine, `has a list of more than ${machine.limits.items} items`)
  spendSteps(machine, length / 4)
}

/** Fails when values nest deeper than allowed. */
export function checkDepth(machine: RenderMachine, depth: number): void {
  if (depth > machine.limits.depth) exceed(machine, `has a value nested deeper than ${machine.limits.depth} levels`)
}

function exceed(machine: RenderMachine, what: string): never {
  throw new InvalidError(`the template ${what}`, { code: 'template_limit', place: machine.at })
}
