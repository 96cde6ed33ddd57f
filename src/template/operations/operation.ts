import { fail, type Machine } from '../evaluate/machine.ts'

/** Arguments by the names of their parameters; what was not given is not there. */
export type Bound = { readonly [parameter: string]: unknown }

/** A filter, method, check or function: what it takes besides the value, and what it makes of it. */
export type Operation = {
  /** in order; `*rest` takes all further ones, `**named` all further named ones */
  readonly parameters: readonly string[]
  readonly apply: (value: unknown, args: Bound, machine: Machine) => unknown
  /** takes undefined values as they are, instead of the text failing on them */
  readonly lenient?: true
}

/** Operations by name. */
export type Operations = { readonly [name: string]: Operation }

/** An operation; `parameters` is a list in words: 'length end'. */
export function operation(parameters: string, apply: Operation['apply']): Operation {
  return { parameters: parameters.split(' ').filter(Boolean), apply }
}

/** The operation of that name in a table, never one inherited from Object. */
export function operationOf(table: Operations, name: string): Operation | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/** What is wrong with this many positional and these named arguments; nothing when they fit. */
export function misfit(operation: Operation, positional: number, named: readonly string[]): string | undefined {
  const plain = operation.parameters.filter((parameter) => !parameter.startsWith('*'))
  if (positional > plain.length && !restOf(operation))
    return `takes at most ${plain.length} arguments, not ${positional}`
  const taken = plain.slice(0, positional)
  const wrong = named.find((name) => taken.includes(name) || !(plain.includes(name) || openOf(operation)))
  if (wrong === undefined) return undefined
  return taken.includes(wrong) ? `is given '${wrong}' twice` : `has no argument '${wrong}'`
}

/** The arguments by parameter name; fails in place when they do not fit. */
export function bind(
  name: string,
  operation: Operation,
  positional: readonly unknown[],
  named: readonly (readonly [string, unknown])[],
  machine: Machine,
): Bound {
  const problem = misfit(
    operation,
    positional.length,
    named.map(([key]) => key),
  )
  if (problem) return fail(machine, `'${name}' ${problem}`)
  const plain = operation.parameters.filter((parameter) => !parameter.startsWith('*'))
  const entries = positional.slice(0, plain.length).map((value, index): [string, unknown] => [plain[index]!, value])
  const rest = restOf(operation)
  const open = openOf(operation)
  return Object.fromEntries([
    ...entries,
    ...named.filter(([key]) => plain.includes(key)),
    ...(rest ? [[rest, positional.slice(plain.length)] as const] : []),
    ...(open ? [[open, Object.fromEntries(named.filter(([key]) => !plain.includes(key)))] as const] : []),
  ])
}

function restOf({ parameters }: Operation): string | undefined {
  return parameters.find((parameter) => /^\*[^*]/.test(parameter))?.slice(1)
}

function openOf({ parameters }: Operation): string | undefined {
  return parameters.find((parameter) => parameter.startsWith('**'))?.slice(2)
}
