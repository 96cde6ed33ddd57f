import { failAtNode, type RenderMachine } from '../../machine/machine.ts'
import { toFixedPython } from '../../text/format.ts'
import { fieldAt } from '../../values/access.ts'
import { describeKind, numericValue, parseNumericText, printValue, toList, unwrapView } from '../../values/values.ts'
import { calculate } from '../arithmetic.ts'
import {
  type BoundArguments,
  defineOperation,
  flagArgument,
  type TemplateOperation,
  type TemplateOperations,
  textArgument,
  wholeArgument,
} from '../operation.ts'

/** A filter on a number, or on text that reads as a number. */
function onNumber(
  parameters: string,
  does: string,
  apply: (number: number, args: BoundArguments, machine: RenderMachine) => unknown,
): TemplateOperation {
  return defineOperation(parameters, does, (value, args, machine) => apply(toNumber(value, machine), args, machine))
}

/** Filters that take or return numbers. */
export const NUMBER_FILTERS: TemplateOperations = {
  int: defineOperation(
    'default? base?',
    'A whole number, truncated. Fails for other values unless there is a default. Text may use another base.',
    toWhole,
  ),
  float: defineOperation(
    'default?',
    'A number. Fails for other values unless there is a default.',
    (value, args, machine) => convert(value, args, machine),
  ),
  abs: onNumber('', 'The absolute value.', Math.abs),
  round: onNumber('precision? method?', "Rounds to that many digits, by 'common', 'ceil' or 'floor'.", round),
  sum: defineOperation(
    'attribute? start?',
    'The sum of the numbers in a list, or of a field of its maps; with start=[] it joins lists.',
    sum,
  ),
  filesizeformat: onNumber(
    'binary?',
    "A number of bytes as people read it: '1.5 MB', or with true '1.4 MiB'.",
    fileSize,
  ),
}

function toNumber(value: unknown, machine: RenderMachine): number {
  return read(value) ?? failAtNode(machine, `${shown(value, machine)} is not a number`, "add a default: '| int(0)'")
}

function read(value: unknown): number | undefined {
  return typeof value === 'string' ? parseNumericText(value) : numericValue(value)
}

function shown(value: unknown, machine: RenderMachine): string {
  const text = printValue(value, machine)
  return typeof value === 'string' && text.length <= 40 ? `'${text}'` : describeKind(value)
}

function convert(value: unknown, args: BoundArguments, machine: RenderMachine): unknown {
  const number = args.default === undefined ? toNumber(value, machine) : read(value)
  return number === undefined || !Number.isFinite(number) ? args.default : number
}

function toWhole(value: unknown, args: BoundArguments, machine: RenderMachine): unknown {
  const base = wholeArgument(args, 'base', 10, machine)
  const number =
    base === 10 || typeof value !== 'string' ? convert(value, args, machine) : inBase(value, base, args, machine)
  return typeof number === 'number' && number !== args.default ? Math.trunc(number) : number
}

const PREFIXES: { readonly [base: number]: RegExp } = { 2: /^([-+]?)0b/i, 8: /^([-+]?)0o/i, 16: /^([-+]?)0x/i }

function inBase(text: string, base: number, args: BoundArguments, machine: RenderMachine): unknown {
  if (base < 2 || base > 36) return failAtNode(machine, 'expected a base from 2 to 36')
  const digits =
    text.length > 200
      ? ''
      : text
          .trim()
          .toLowerCase()
          .replace(PREFIXES[base] ?? /^/, '$1')
  const known = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, base)
  if (
    /^[-+]?[0-9a-z]+$/.test(digits) &&
    Array.from(digits.replace(/^[-+]/, '')).every((digit) => known.includes(digit))
  )
    return Number.parseInt(digits, base)
  return args.default === undefined
    ? failAtNode(machine, `${shown(text, machine)} is not a number in base ${base}`)
    : args.default
}

const UNITS = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']

function fileSize(bytes: number, args: BoundArguments): string {
  const binary = flagArgument(args, 'binary')
  const base = binary ? 1024 : 1000
  if (bytes === 1) return '1 Byte'
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`
  const found = UNITS.findIndex((_unit, index) => bytes < base ** (index + 2))
  const index = found < 0 ? UNITS.length - 1 : found
  const unit = binary ? `${UNITS[index]!.toUpperCase()}i` : UNITS[index]!
  return `${toFixedPython(bytes / base ** (index + 1), 1)} ${unit}B`
}

function round(number: number, args: BoundArguments, machine: RenderMachine): number {
  const precision = wholeArgument(args, 'precision', 0, machine)
  if (Math.abs(precision) > 15) return failAtNode(machine, 'expected at most 15 digits')
  const method = textArgument(args, 'method', 'common', machine)
  const scale = 10 ** precision
  if (method === 'ceil') return Math.ceil(number * scale) / scale
  if (method === 'floor') return Math.floor(number * scale) / scale
  return method === 'common'
    ? roundHalfEven(number, precision)
    : failAtNode(machine, `there is no rounding '${method}'`)
}

/** Rounds half to even, as Python does. */
function roundHalfEven(number: number, precision: number): number {
  if (precision < 0) return roundHalfEven(number / 10 ** -precision, 0) * 10 ** -precision
  return Number(toFixedPython(number, precision))
}

function sum(value: unknown, args: BoundArguments, machine: RenderMachine): unknown {
  const items = toList(value, machine).map((item) =>
    args.attribute === undefined ? item : fieldAt(item, args.attribute, machine),
  )
  const start = unwrapView(args.start)
  if (Array.isArray(start)) return items.reduce((all: unknown, item) => calculate('+', all, item, machine), start)
  return items.reduce((total: number, item) => total + toNumber(item, machine), toNumber(args.start ?? 0, machine))
}
