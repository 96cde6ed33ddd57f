import { fail, type Machine, spend } from '../../machine/machine.ts'
import { fieldAt } from '../../values/access.ts'
import { isTruthy, textOf } from '../../values/values.ts'
import { absentCheck, CHECKS } from '../checks.ts'
import { type Bound, bind, type Operation, type Operations, operationOf } from '../operation.ts'
import { onList } from './list.ts'

/** Filters that keep some of the items. */
export const PICKS: Operations = {
  select: onPick('check? *arguments', "Items that are truthy, or pass a check: select('odd'), select('>', 3).", true),
  reject: onPick('check? *arguments', 'Items that are falsy, or do not pass a check.', false),
  selectattr: onPick(
    'attribute check? *arguments',
    "Maps with a field that is truthy, or passes a check: selectattr('age', '>=', 18).",
    true,
  ),
  rejectattr: onPick(
    'attribute check? *arguments',
    'Maps with a field that is falsy or missing, or does not pass a check.',
    false,
  ),
}

/** A filter whose check, where it is written out, is looked at before anything is rendered. */
function onPick(parameters: string, does: string, wanted: boolean): Operation {
  const check = ({ check: name }: Bound, machine: Machine) => {
    if (typeof name === 'string') checkOf(name, machine)
  }
  return { ...onList(parameters, does, (list, args, machine) => pick(list, args, wanted, machine)), check }
}

function pick(list: readonly unknown[], args: Bound, wanted: boolean, machine: Machine): readonly unknown[] {
  const holds = checker(args, machine)
  return list.filter(
    (item) => holds(args.attribute === undefined ? item : fieldAt(item, args.attribute, machine)) === wanted,
  )
}

/** What is not there passes no check but those that ask for it. */
function checker({ check, arguments: rest }: Bound, machine: Machine): (value: unknown) => boolean {
  if (check === undefined) return isTruthy
  const name = textOf(check, machine)
  const found = checkOf(name, machine)
  const bound = bind(name, found, rest as readonly unknown[], [], machine)
  return (value) => {
    spend(machine, 1)
    return (value !== undefined || found.lenient === true) && found.apply(value, bound, machine) === true
  }
}

function checkOf(name: string, machine: Machine): Operation {
  const found = operationOf(CHECKS, COMPARISONS.get(name) ?? name)
  return found ?? fail(machine, `unknown check '${name}'`, absentCheck(name).hint)
}

const COMPARISONS: ReadonlyMap<string, string> = new Map([
  ['==', 'eq'],
  ['!=', 'ne'],
  ['<', 'lt'],
  ['<=', 'le'],
  ['>', 'gt'],
  ['>=', 'ge'],
])
