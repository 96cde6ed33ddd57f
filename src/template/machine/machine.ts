import { InvalidError } from '../../errors.ts'
import type { Position } from '../syntax.ts'
import type { Scope } from '../view.ts'

/** What one rendering may use up before it fails with code template_limit. */
export type Limits = {
  /** work: one per node visited or item handled, and some per length of text */
  readonly steps: number
  /** characters of the whole output, and of any one text made on the way */
  readonly output: number
  /** items of any one list made or looped over */
  readonly items: number
  /** how deeply values that are printed or compared may nest */
  readonly depth: number
}

/** What holds when nothing else is said: about a second of work at most, usually far less. */
export const LIMITS: Limits = { steps: 1_000_000, output: 16_000_000, items: 100_000, depth: 100 }

/** What one rendering may use up on a thread that has other things to do: a few milliseconds of work. */
export const QUICK: Limits = { ...LIMITS, steps: 10_000 }

/** Names set inside the template; a loop's own hide the outer ones. */
export type Frame = { readonly names: Map<string, unknown>; readonly parent: Frame | undefined }

/** A reference that led nowhere, by name and place. */
export type Unresolved = { readonly name: string; readonly at: Position; readonly why?: string | undefined }

/** One rendering under way. */
export type Machine = {
  readonly scope: Scope
  readonly limits: Limits
  /** made when first needed, like the frame: most renderings need neither */
  unresolved?: Map<string, Unresolved>
  frame?: Frame | undefined
  /** the node at work: where a failure is placed */
  at: Position
  steps: number
}

/** The maps that templates may change: those they made for that. */
export const NAMESPACES = new WeakSet<object>()

/** A machine that has done nothing yet. */
export function createMachine(scope: Scope, limits?: Partial<Limits>): Machine {
  return {
    scope,
    limits: limits === QUICK ? QUICK : limits ? { ...LIMITS, ...limits } : LIMITS,
    at: START,
    steps: 0,
  }
}

const START: Position = { line: 1, column: 1 }

/** The names that are set where it is at work. */
export function namesIn(machine: Machine): Map<string, unknown> {
  machine.frame ??= { names: new Map(), parent: undefined }
  return machine.frame.names
}

const LONGEST_MESSAGE = 500

/** Fails at the node at work. */
export function fail(machine: Machine, message: string, hint?: string): never {
  const short = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message
  throw new InvalidError(short, { code: 'template_failed', place: machine.at, ...(hint !== undefined && { hint }) })
}

/** Counts work done, fails when it is too much. */
export function spend(machine: Machine, steps: number): void {
  machine.steps += steps
  if (machine.steps > machine.limits.steps) exceed(machine, `takes more than ${machine.limits.steps} steps`)
}

/** Fails when a text about to be made would be too long. */
export function checkLength(machine: Machine, length: number): void {
  const { output } = machine.limits
  if (!(length <= output)) exceed(machine, `makes a text of more than ${output} characters`)
}

/** Counts a text about to be made, fails when it would be too long. */
export function spendText(machine: Machine, length: number): void {
  checkLength(machine, length)
  spend(machine, length / 32)
}

/** Counts each part that is filled into a text, fails when they come to too much: a short text with many places makes a long one. */
export function counter(machine: Machine): (part: string) => string {
  let length = 0
  return (part) => {
    length += part.length
    checkLength(machine, length)
    spend(machine, 0.5 + part.length / 64)
    return part
  }
}

/** Counts a list about to be made or looped over, fails when it would be too long. */
export function spendItems(machine: Machine, length: number): void {
  if (!(length <= machine.limits.items)) exceed(machine, `has a list of more than ${machine.limits.items} items`)
  spend(machine, length / 4)
}

/** Fails when values nest deeper than allowed. */
export function checkDepth(machine: Machine, depth: number): void {
  if (depth > machine.limits.depth) exceed(machine, `has a value nested deeper than ${machine.limits.depth} levels`)
}

function exceed(machine: Machine, what: string): never {
  throw new InvalidError(`the template ${what}`, { code: 'template_limit', place: machine.at })
}
