import { isLongWhole } from '../../lib/json/whole.ts'
import { failAtNode } from '../machine/machine.ts'
import { containsValue, orderValues, valuesEqual } from '../values/compare.ts'
import { describeKind, inputText, isMap, longTextOf, numericValue, unwrapView } from '../values/values.ts'
import { viewOf } from '../view.ts'
import { defineOperation, suggest, type TemplateOperation, type TemplateOperations } from './operation.ts'

const equal = defineOperation('other', 'Is equal.', (value, { other }, machine) => valuesEqual(value, other, machine))
const unequal = defineOperation(
  'other',
  'Is not equal.',
  (value, { other }, machine) => !valuesEqual(value, other, machine),
)
const less = defineOperation(
  'other',
  'Comes before.',
  (value, { other }, machine) => orderValues(value, other, machine) < 0,
)
const lessOrEqual = defineOperation(
  'other',
  'Is less or equal.',
  (value, { other }, machine) => orderValues(value, other, machine) <= 0,
)
const greater = defineOperation(
  'other',
  'Comes behind.',
  (value, { other }, machine) => orderValues(value, other, machine) > 0,
)
const greaterOrEqual = defineOperation(
  'other',
  'Is greater or equal.',
  (value, { other }, machine) => orderValues(value, other, machine) >= 0,
)
const nothing: TemplateOperation = {
  ...check('Is none or missing.', (value) => value === null || !isPresent(value)),
  lenient: true,
}
const skipped: TemplateOperation = {
  ...check('Is a step that was skipped, or a field of one.', (value) => viewOf(value)?.defined === false),
  lenient: true,
}
const yes = check('Is true itself, not only truthy.', (value) => value === true)
const no = check('Is false itself, not only falsy.', (value) => value === false)

/** The checks after `is`, in `select` and in `selectattr`. */
export const CHECKS: TemplateOperations = {
  defined: { ...check('Exists and is not a skipped step.', isPresent), lenient: true },
  undefined: { ...check('Is missing or a skipped step.', (value) => !isPresent(value)), lenient: true },
  skipped,
  none: nothing,
  None: nothing,
  null: nothing,
  string: check(
    'Is text.',
    (value) => typeof value === 'string' || (viewOf(value) !== undefined && unwrapView(value) === value),
  ),
  number: check('Is a number.', (value) => typeof value === 'number' || isLongWhole(value)),
  integer: check('Is a whole number.', (value) => Number.isInteger(value) || isLongWhole(value)),
  float: check('Is a number with a fraction.', (value) => typeof value === 'number' && !Number.isInteger(value)),
  boolean: check('Is true or false.', (value) => typeof value === 'boolean'),
  true: yes,
  True: yes,
  false: no,
  False: no,
  mapping: check('Is a map.', (value) => isMap(unwrapView(value))),
  sequence: check('Is a list or text.', (value) => typeof value === 'string' || Array.isArray(unwrapView(value))),
  list: check('Is a list.', (value) => Array.isArray(unwrapView(value))),
  iterable: check(
    'Can be iterated: a list, a map or a text.',
    (value) => typeof value === 'string' || (typeof unwrapView(value) === 'object' && value !== null),
  ),
  callable: check('Is a function; values never are.', () => false),
  odd: defineOperation('', 'Is an odd number.', (value, _args, machine) => whole(value, machine) % 2n !== 0n),
  even: defineOperation('', 'Is an even number.', (value, _args, machine) => whole(value, machine) % 2n === 0n),
  divisibleby: defineOperation('number', 'Is a multiple of a whole number.', (value, { number }, machine) =>
    isDivisible(whole(value, machine), whole(number, machine)),
  ),
  lower: inCase('Is text in lower case.', (text) => text.toLowerCase()),
  upper: inCase('Is text in upper case.', (text) => text.toUpperCase()),
  in: defineOperation('whole', 'Is a part of a text, an item of a list, a key of a map.', (value, { whole }, machine) =>
    containsValue(whole, value, machine),
  ),
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

/** Checks by the names of other languages. */
const FOREIGN_CHECKS: { readonly [name: string]: string } = {
  empty: 'An empty value is false, so write `not`.',
  int: 'Did you mean `integer`?',
  str: 'Did you mean `string`?',
  bool: 'Did you mean `boolean`?',
  dict: 'Did you mean `mapping`?',
  array: 'Did you mean `list`?',
}

export function unknownCheckHint(name: string): { readonly hint?: string } {
  return Object.hasOwn(FOREIGN_CHECKS, name) ? { hint: FOREIGN_CHECKS[name]! } : suggest(name, Object.keys(CHECKS))
}

/** Whether there is a value: neither missing nor a step that did not run. */
export function isPresent(value: unknown): boolean {
  return value !== undefined && viewOf(value)?.defined !== false
}

function check(does: string, holds: (value: unknown) => boolean): TemplateOperation {
  return defineOperation('', does, (value) => holds(value))
}

const isCased = (text: string) => text.toLowerCase() !== text.toUpperCase()

function inCase(does: string, write: (text: string) => string): TemplateOperation {
  return defineOperation(
    '',
    does,
    (value, _args, machine) =>
      typeof value === 'string' && isCased(inputText(value, machine)) && value === write(value),
  )
}

const isDivisible = (number: bigint, by: bigint) => by !== 0n && number % by === 0n

function whole(value: unknown, machine: Parameters<typeof failAtNode>[0]): bigint {
  const long = longTextOf(value)
  if (long !== undefined) return BigInt(long)
  const number = numericValue(value)
  return Number.isInteger(number)
    ? BigInt(number!)
    : failAtNode(machine, `expected a whole number, got ${describeKind(value)}`)
}
