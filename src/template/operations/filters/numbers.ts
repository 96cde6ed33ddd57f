import { fail, type Machine } from '../../evaluate/machine.ts'
import { fieldAt } from '../../values/access.ts'
import { kindOf, listOf, numberIn, parseNumber, textOf } from '../../values/values.ts'
import { textArgument, wholeArgument } from '../arguments.ts'
import { type Bound, type Operation, type Operations, operation } from '../operation.ts'

/** A filter that works on a number, or on text that reads as one. */
function onNumber(parameters: string, apply: (number: number, args: Bound, machine: Machine) => unknown): Operation {
  return operation(parameters, (value, args, machine) => apply(toNumber(value, machine), args, machine))
}

/** Filters that take or make numbers. */
export const NUMBERS: Operations = {
  int: operation('default', (value, args, machine) => convert(value, args, Math.trunc, machine)),
  float: operation('default', (value, args, machine) => convert(value, args, (number) => number, machine)),
  abs: onNumber('', Math.abs),
  round: onNumber('precision method', round),
  sum: operation('attribute start', sum),
}

function toNumber(value: unknown, machine: Machine): number {
  return read(value) ?? fail(machine, `${shown(value, machine)} is no number`, "give one to fall back on: '| int(0)'")
}

function read(value: unknown): number | undefined {
  return typeof value === 'string' ? parseNumber(value) : numberIn(value)
}

function shown(value: unknown, machine: Machine): string {
  const text = textOf(value, machine)
  return typeof value === 'string' && text.length <= 40 ? `'${text}'` : kindOf(value)
}

function convert(value: unknown, args: Bound, finish: (number: number) => number, machine: Machine): unknown {
  const number = args.default === undefined ? toNumber(value, machine) : read(value)
  return number === undefined || !Number.isFinite(number) ? args.default : finish(number)
}

function round(number: number, args: Bound, machine: Machine): number {
  const precision = wholeArgument(args, 'precision', 0, machine)
  if (Math.abs(precision) > 15) return fail(machine, 'numbers are rounded to at most 15 digits')
  const method = textArgument(args, 'method', 'common', machine)
  const scale = 10 ** precision
  if (method === 'ceil') return Math.ceil(number * scale) / scale
  if (method === 'floor') return Math.floor(number * scale) / scale
  return method === 'common' ? roundHalfEven(number, precision) : fail(machine, `there is no rounding '${method}'`)
}

/** As Python rounds: to the nearest, and what lies exactly between two to the even one. */
function roundHalfEven(number: number, precision: number): number {
  if (precision < 0) return roundHalfEven(number / 10 ** -precision, 0) * 10 ** -precision
  const tie = Number.isInteger(number * 2 ** (precision + 1)) && Math.abs((number * 10 ** precision) % 1) === 0.5
  if (!tie) return Number(number.toFixed(precision))
  const below = Math.floor(number * 10 ** precision)
  return (below % 2 === 0 ? below : below + 1) / 10 ** precision
}

function sum(value: unknown, args: Bound, machine: Machine): number {
  const items = listOf(value, machine).map((item) =>
    args.attribute === undefined ? item : fieldAt(item, args.attribute),
  )
  return items.reduce((total: number, item) => total + toNumber(item, machine), toNumber(args.start ?? 0, machine))
}
