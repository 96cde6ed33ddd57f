import { fail } from '../evaluate/machine.ts'
import { contains, equals, order } from '../values/compare.ts'
import { behind, isMap, kindOf, numberIn } from '../values/values.ts'
import { viewOf } from '../view.ts'
import { type Operation, type Operations, operation } from './operation.ts'

const equal = operation('other', (value, { other }, machine) => equals(value, other, machine))
const unequal = operation('other', (value, { other }, machine) => !equals(value, other, machine))
const less = operation('other', (value, { other }, machine) => order(value, other, machine) < 0)
const lessOrEqual = operation('other', (value, { other }, machine) => order(value, other, machine) <= 0)
const greater = operation('other', (value, { other }, machine) => order(value, other, machine) > 0)
const greaterOrEqual = operation('other', (value, { other }, machine) => order(value, other, machine) >= 0)
const nothing: Operation = { ...check((value) => value === null || !isThere(value)), lenient: true }
const sequence = check((value) => typeof value === 'string' || Array.isArray(behind(value)))

/** What may stand behind `is`, in `select` and in `selectattr`. */
export const CHECKS: Operations = {
  defined: { ...check(isThere), lenient: true },
  undefined: { ...check((value) => !isThere(value)), lenient: true },
  none: nothing,
  None: nothing,
  null: nothing,
  string: check((value) => typeof value === 'string' || (viewOf(value) !== undefined && behind(value) === value)),
  number: check((value) => typeof value === 'number'),
  integer: check((value) => Number.isInteger(value)),
  float: check((value) => typeof value === 'number' && !Number.isInteger(value)),
  boolean: check((value) => typeof value === 'boolean'),
  true: check((value) => value === true),
  false: check((value) => value === false),
  mapping: check((value) => isMap(behind(value))),
  sequence,
  list: check((value) => Array.isArray(behind(value))),
  iterable: check((value) => typeof value === 'string' || (typeof behind(value) === 'object' && value !== null)),
  odd: operation('', (value, _args, machine) => Math.abs(whole(value, machine) % 2) === 1),
  even: operation('', (value, _args, machine) => whole(value, machine) % 2 === 0),
  divisibleby: operation(
    'number',
    (value, { number }, machine) => whole(value, machine) % whole(number, machine) === 0,
  ),
  lower: check((value) => typeof value === 'string' && value === value.toLowerCase()),
  upper: check((value) => typeof value === 'string' && value === value.toUpperCase()),
  in: operation('whole', (value, { whole }, machine) => contains(whole, value, machine)),
  equalto: equal,
  eq: equal,
  sameas: equal,
  ne: unequal,
  lessthan: less,
  lt: less,
  le: lessOrEqual,
  greaterthan: greater,
  gt: greater,
  ge: greaterOrEqual,
}

/** Whether there is a value: neither missing nor the view of something that did not happen. */
export function isThere(value: unknown): boolean {
  return value !== undefined && viewOf(value)?.defined !== false
}

function check(holds: (value: unknown) => boolean): Operation {
  return operation('', (value) => holds(value))
}

function whole(value: unknown, machine: Parameters<typeof fail>[0]): number {
  const number = numberIn(value)
  return Number.isInteger(number) ? number! : fail(machine, `a whole number is needed here, not ${kindOf(value)}`)
}
