import { fail, type Machine } from '../machine/machine.ts'
import { isTruthy, kindOf, numberIn, parseNumber, textOf } from '../values/values.ts'
import type { Bound } from './operation.ts'

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
