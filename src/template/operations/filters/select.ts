import { failAtNode, type RenderMachine, spendSteps } from '../../machine/machine.ts'
import { fieldAt } from '../../values/access.ts'
import { describeValue, isTruthy, printValue } from '../../values/values.ts'
import { CHECKS, unknownCheckHint } from '../checks.ts'
import type { BoundArguments, TemplateOperation, TemplateOperations } from '../operation.ts'
import { bindArguments, operationOf } from '../operation.ts'
import { listFilter } from './list.ts'

/** Filters that keep some of the items. */
export const SELECT_FILTERS: TemplateOperations = {
  select: onPick('check? *arguments', "Items that are truthy, or pass a check: select('odd'), select('>', 3).", true),
  reject: onPick('check? *arguments', 'Items that are falsy, or fail a check.', false),
  selectattr: onPick(
    'attribute check? *arguments',
    "Maps with a field that is truthy, or passes a check: selectattr('age', '>=', 18).",
    true,
  ),
  rejectattr: onPick(
    'attribute check? *arguments',
    'Maps with a field that is falsy or missing, or fails a check.',
    false,
  ),
}

/** A filter that validates a literal check before rendering. */
function onPick(parameters: string, does: string, wanted: boolean): TemplateOperation {
  const check = ({ check: name }: BoundArguments, machine: RenderMachine) => {
    if (typeof name === 'string') checkOf(name, machine)
  }
  return { ...listFilter(parameters, does, (list, args, machine) => pick(list, args, wanted, machine)), check }
}

function pick(
  list: readonly unknown[],
  args: BoundArguments,
  wanted: boolean,
  machine: RenderMachine,
): readonly unknown[] {
  const holds = checker(args, machine)
  if (args.attribute === undefined) return list.filter((item) => holds(item) === wanted)
  return list.filter((item, index) => holds(fieldAt(mapAt(item, index, machine), args.attribute, machine)) === wanted)
}

/** An item that may have fields: none has no field, and a number or a text cannot have one. */
function mapAt(item: unknown, index: number, machine: RenderMachine): unknown {
  if (typeof item === 'object') return item
  return failAtNode(machine, `item ${index + 1}: expected a map, got ${describeValue(item, machine)}`)
}

/** A missing item passes only checks that accept missing values. */
function checker({ check, arguments: rest }: BoundArguments, machine: RenderMachine): (value: unknown) => boolean {
  if (check === undefined) return isTruthy
  const name = printValue(check, machine)
  const found = checkOf(name, machine)
  const bound = bindArguments(name, found, rest as readonly unknown[], [], machine)
  machine.operation = name
  return (value) => {
    spendSteps(machine, 1)
    return (value !== undefined || found.lenient === true) && found.apply(value, bound, machine) === true
  }
}

function checkOf(name: string, machine: RenderMachine): TemplateOperation {
  const found = operationOf(CHECKS, COMPARISONS.get(name) ?? name)
  return found ?? failAtNode(machine, `unknown check \`${name}\``, unknownCheckHint(name).hint)
}

const COMPARISONS: ReadonlyMap<string, string> = new Map([
  ['==', 'eq'],
  ['!=', 'ne'],
  ['<', 'lt'],
  ['<=', 'le'],
  ['>', 'gt'],
  ['>=', 'ge'],
])
