import { nearestWord } from '../../lib/suggest.ts'
import { failAtNode, type RenderMachine } from '../machine/machine.ts'
import { describeValue, inputText, isTruthy, printValue, readNumber, unwrapView } from '../values/values.ts'
import { isNoText, viewOf } from '../view.ts'

/** Arguments by parameter name. Omitted arguments are absent. */
export type BoundArguments = { readonly [parameter: string]: unknown }

/** The parameters besides the value, in order. The first `needed` are required. */
type OperationParameters = {
  readonly names: readonly string[]
  readonly needed: number
  /** takes all further arguments, and all further named ones */
  readonly rest?: string
  readonly open?: string
  /** as it was written */
  readonly shown: string
}

/** A filter, check, method or function: parameters, implementation, and a description. */
export type TemplateOperation = {
  readonly parameters: OperationParameters
  readonly does: string
  readonly apply: (value: unknown, args: BoundArguments, machine: RenderMachine) => unknown
  /** rejects arguments that are wrong before rendering */
  readonly check?: (args: BoundArguments, machine: RenderMachine) => void
  /** accepts undefined values instead of failing */
  readonly lenient?: true
}

export type TemplateOperations = { readonly [name: string]: TemplateOperation }

/**
 * An operation. `parameters` is a list in words: 'old new count? *rest **named'; with `?` one may be left out, `*`
 * takes all further arguments and `**` all further named ones.
 */
export function defineOperation(
  parameters: string,
  does: string,
  apply: TemplateOperation['apply'],
): TemplateOperation {
  return { parameters: parseParameters(parameters), does, apply }
}

/** Parameters from such a list. */
function parseParameters(text: string): OperationParameters {
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
export function operationOf(table: TemplateOperations, name: string): TemplateOperation | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/** Describes why the arguments do not fit. Undefined if they do. */
export function argumentFault(
  { parameters }: TemplateOperation,
  positional: number,
  named: readonly string[],
): string | undefined {
  const { names, needed, rest, open } = parameters
  if (positional > names.length && !rest) return `takes at most ${names.length} arguments, not ${positional}`
  for (const name of named) {
    const index = names.indexOf(name)
    if (index >= 0 && index < positional) return `is given \`${name}\` twice`
    if (index < 0 && !open) return `has no argument \`${name}\``
  }
  const lacking = names.slice(positional, needed).find((name) => !named.includes(name))
  return lacking === undefined ? undefined : `needs \`${lacking}\``
}

/** The arguments by parameter name. Fails at the call when they do not fit. */
export function bindArguments(
  name: string,
  operation: TemplateOperation,
  positional: readonly unknown[],
  named: readonly (readonly [string, unknown])[],
  machine: RenderMachine,
): BoundArguments {
  const { names, needed, rest, open } = operation.parameters
  if (positional.length === 0 && named.length === 0 && needed === 0 && !rest && !open) return NO_ARGUMENTS
  const problem = argumentFault(
    operation,
    positional.length,
    named.map(([key]) => key),
  )
  if (problem) return failAtNode(machine, `\`${name}\` ${problem}`)
  return Object.fromEntries([
    ...positional.slice(0, names.length).map((value, index): [string, unknown] => [names[index]!, value]),
    ...named.filter(([key]) => names.includes(key)),
    ...(rest ? [[rest, positional.slice(names.length)] as const] : []),
    ...(open ? [[open, Object.fromEntries(named.filter(([key]) => !names.includes(key)))] as const] : []),
  ])
}

const NO_ARGUMENTS: BoundArguments = {}

/** The argument as text; the fallback when it is absent. */
export function textArgument(args: BoundArguments, name: string, fallback: string, machine: RenderMachine): string {
  const value = args[name]
  return value === undefined || value === null ? fallback : printValue(value, machine)
}

/** An argument that is looked for in a text. Fails for none, lists and maps, which no text contains. */
export function searchArgument(args: BoundArguments, name: string, machine: RenderMachine): string {
  const value = args[name]
  const isText = viewOf(value) ? unwrapView(value) === value : typeof value !== 'object' && value !== undefined
  if (isText && viewOf(value)?.defined !== false) return inputText(value, machine)
  return failAtNode(machine, `\`${name}\`: expected text, got ${describeValue(value, machine)}`)
}

/** The argument as a whole number that is not below a limit; the fallback when it is absent. */
export function countArgument(
  args: BoundArguments,
  name: string,
  fallback: number,
  least: number,
  machine: RenderMachine,
): number {
  const count = wholeArgument(args, name, fallback, machine)
  return count >= least ? count : failAtNode(machine, `\`${name}\`: expected ${least} or more, got ${count}`)
}

/** The argument as a whole number; the fallback when it is absent. Fails for other values. */
export function wholeArgument(args: BoundArguments, name: string, fallback: number, machine: RenderMachine): number {
  const value = args[name]
  if (value === undefined || value === null) return fallback
  const number = readNumber(value)
  return Number.isSafeInteger(number)
    ? number!
    : failAtNode(machine, `\`${name}\`: expected a whole number, got ${describeValue(value, machine)}`)
}

/** Whether the argument is true; the fallback when it is absent. */
export function flagArgument(args: BoundArguments, name: string, fallback = false): boolean {
  const value = args[name]
  if (value === undefined) return fallback
  return typeof value === 'string' ? !isNoText(value) : isTruthy(value)
}

/** A hint with the known word nearest to `word`; undefined when none is near. */
export function suggest(word: string, known: readonly string[]): { readonly hint?: string } {
  const near = nearestWord(word, known)
  return near === undefined ? {} : { hint: `Did you mean \`${near}\`?` }
}
