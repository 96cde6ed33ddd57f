import { failAtNode, NAMESPACES, type RenderMachine, spendItems } from '../machine/machine.ts'
import { isMap, isTruthy, toList } from '../values/values.ts'
import { FILTERS } from './filters.ts'
import type { BoundArguments, TemplateOperation, TemplateOperations } from './operation.ts'
import { defineOperation, operationOf, wholeArgument } from './operation.ts'

/** Functions for all templates. A function of the same name in the scope takes precedence. */
export const BUILTIN_FUNCTIONS: TemplateOperations = {
  range: defineOperation('start stop? step?', 'Whole numbers: range(3) is 0, 1, 2.', (_value, args, machine) =>
    range(args, machine),
  ),
  dict: defineOperation('**fields', 'A map: dict(a=1).', (_value, { fields }) => ({ ...(fields as object) })),
  namespace: defineOperation(
    '**fields',
    'A map that set can change inside a loop: {% set ns.count = ns.count + 1 %}.',
    (_value, { fields }) => openNamespace(fields),
  ),
  any: defineOperation('items', 'Whether an item is truthy.', (_value, { items }, machine) =>
    toList(items, machine).some(isTruthy),
  ),
  all: defineOperation('items', 'Whether all items are truthy.', (_value, { items }, machine) =>
    toList(items, machine).every(isTruthy),
  ),
  bool: defineOperation('value', 'Whether the value is truthy.', (_value, { value }) => isTruthy(value)),
  len: asFunction('length'),
  str: asFunction('string'),
  int: asFunction('int'),
  float: asFunction('float'),
  abs: asFunction('abs'),
  round: asFunction('round'),
  sum: asFunction('sum'),
  sorted: asFunction('sort'),
  list: asFunction('list'),
  min: smallestOf('min'),
  max: smallestOf('max'),
}

/** The filter of that name as Python users call it: value first. */
function asFunction(name: string): TemplateOperation {
  const filter = operationOf(FILTERS, name)!
  const { names, needed, shown } = filter.parameters
  return {
    parameters: { names: ['value', ...names], needed: needed + 1, shown: ['value', shown].filter(Boolean).join(', ') },
    does: `As the filter ${name}.`,
    apply: (_value, { value, ...args }, machine) => filter.apply(value, args, machine),
  }
}

/** `max(list)` or `max(a, b, …)`. */
function smallestOf(name: 'min' | 'max'): TemplateOperation {
  return defineOperation(
    '*values',
    `As the filter ${name}, of a list or of all that is given.`,
    (_value, { values }, machine) => {
      const all = values as readonly unknown[]
      return operationOf(FILTERS, name)!.apply(all.length === 1 ? all[0] : all, {}, machine)
    },
  )
}

function range(args: BoundArguments, machine: RenderMachine): readonly number[] {
  const only = args.stop === undefined
  const start = only ? 0 : wholeArgument(args, 'start', 0, machine)
  const stop = wholeArgument(args, only ? 'start' : 'stop', 0, machine)
  const step = wholeArgument(args, 'step', 1, machine)
  if (step === 0) return failAtNode(machine, 'expected a step other than 0')
  const length = Math.max(Math.ceil((stop - start) / step), 0)
  spendItems(machine, length)
  return Array.from({ length }, (_item, index) => start + index * step)
}

/** A map that `set` can change, even inside a loop. */
function openNamespace(fields: unknown): object {
  const namespace = isMap(fields) ? { ...fields } : {}
  NAMESPACES.add(namespace)
  return namespace
}
