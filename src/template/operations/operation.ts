import { nearestWord } from '../../lib/suggest.ts'
import { fail, type Machine } from '../machine/machine.ts'
import { isTruthy, kindOf, numberIn, parseNumber, textOf } from '../values/values.ts'

/** Arguments by the names of their parameters; what was not given is not there. */
export type Bound = { readonly [parameter: string]: unknown }

/** What an operation takes besides the value: names in order, of which the first `needed` have to be given. */
export type Parameters = {
  readonly names: readonly string[]
  readonly needed: number
  /** takes all further arguments, and all further named ones */
  readonly rest?: string
  readonly open?: string
  /** as it was written */
  readonly shown: string
}

/** A filter, method, check or function: what it takes besides the value, what it makes of it, and that in a sentence. */
export type Operation = {
  readonly parameters: Parameters
  readonly does: string
  readonly apply: (value: unknown, args: Bound, machine: Machine) => unknown
  /** fails on arguments that can be told to be wrong before anything is rendered */
  readonly check?: (args: Bound, machine: Machine) => void
  /** takes undefined values as they are, instead of the text failing on them */
  readonly lenient?: true
}

/** Operations by name. */
export type Operations = { readonly [name: string]: Operation }

/**
 * An operation. `parameters` is a list in words: 'old new count? *rest **named'; with `?` one may be left out, `*` takes all further
 * arguments and `**` all further named ones.
 */
export function operation(parameters: string, does: string, apply: Operation['apply']): Operation {
  return { parameters: parametersIn(parameters), does, apply }
}

/** Parameters from such a list. */
export function parametersIn(text: string): Parameters {
  const words = text.split(' ').filter(Boolean)
  const plain = words.filter((word) => !word.startsWith('*'))
  const rest = words.find((word) => /^\*[^*]/.test(word))?.slice(1)
  const open = words.find((word) => word.startsWith('**'))?.slice(2)
  return {
    names: plain.map((word) => word.replace('?', '')),
    needed: plain.filter((word) => !word.endsWith('?')).length,
    ...(rest && { rest }),
    ...(open && { open }),
    shown: words.join(', '),
  }
}

/** The operation of that name in a table, never one inherited from Object. */
export function operationOf(table: Operations, name: string): Operation | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/** What is wrong with this many positional and these named arguments; nothing when they fit. */
export function misfit({ parameters }: Operation, positional: number, named: readonly string[]): string | undefined {
  const { names, needed, rest, open } = parameters
  if (positional > names.length && !rest) return `takes at most ${names.length} arguments, not ${positional}`
  for (const name of named) {
    const index = names.indexOf(name)
    if (index >= 0 && index < positional) return `is given '${name}' twice`
    if (index < 0 && !open) return `has no argument '${name}'`
  }
  const lacking = names.slice(positional, needed).find((name) => !named.includes(name))
  return lacking === undefined ? undefined : `needs '${lacking}'`
}

/** The arguments by parameter name; fails in place when they do not fit. */
export function bind(
  name: string,
  operation: Operation,
  positional: readonly unknown[],
  named: readonly (readonly [string, unknown])[],
  machine: Machine,
): Bound {
  const { names, needed, rest, open } = operation.parameters
  if (positional.length === 0 && named.length === 0 && needed === 0 && !rest && !open) return NOTHING
  const problem = misfit(
    operation,
    positional.length,
    named.map(([key]) => key),
  )
  if (problem) return fail(machine, `'${name}' ${problem}`)
  return Object.fromEntries([
    ...positional.slice(0, names.length).map((value, index): [string, unknown] => [names[index]!, value]),
    ...named.filter(([key]) => names.includes(key)),
    ...(rest ? [[rest, positional.slice(names.length)] as const] : []),
    ...(open ? [[open, Object.fromEntries(named.filter(([key]) => !names.includes(key)))] as const] : []),
  ])
}

const NOTHING: Bound = {}

/** The argument as text, or the fallback when it was not given. */
export function textArgument(args: Bound, name: string, fallback: string, machine: Machine): string {
  const value = args[name]
  return value === undefined || value === null ? fallback : textOf(value, machine)
}

/** The argument as a whole number, or the fallback when it was not given; fails for anything else. */
export function wholeArgument(args: Bound, name: string, fallback: number, machine: Machine): number {
  const value = args[name]
  if (value === undefined || value === null) return fallback
  const number = typeof value === 'string' ? parseNumber(value) : numberIn(value)
  return Number.isSafeInteger(number)
    ? number!
    : fail(machine, `'${name}' has to be a whole number, not ${kindOf(value)}`)
}

/** Whether the argument was given as true, or the fallback when it was not given. */
export function flagArgument(args: Bound, name: string, fallback = false): boolean {
  return args[name] === undefined ? fallback : isTruthy(args[name])
}

/** A hint that names the known word nearest to `word`, or nothing when none is near. */
export function suggest(word: string, known: readonly string[]): { readonly hint?: string } {
  const near = nearestWord(word, known)
  return near === undefined ? {} : { hint: `did you mean '${near}'?` }
}
