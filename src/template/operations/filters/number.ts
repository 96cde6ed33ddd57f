import { exactNumber } from '../../../kernel/json.ts'
import { isLongWhole } from '../../../lib/json/whole.ts'
import { failAtNode, type RenderMachine } from '../../machine/machine.ts'
import { failedConversion } from '../../machine/missing.ts'
import { toFixedPython } from '../../text/format.ts'
import { describeValue, longTextOf, parseNumericText, readNumber, toList, unwrapView } from '../../values/values.ts'
import { viewOf } from '../../view.ts'
import { calculate } from '../arithmetic.ts'
import type { BoundArguments, TemplateOperation, TemplateOperations } from '../operation.ts'
import { defineOperation, flagArgument, textArgument, wholeArgument } from '../operation.ts'
import { requireAttribute } from './list.ts'

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
  const text = viewOf(value)?.text() ?? value
  if (isLongWhole(text)) return losesDigits(text, machine)
  return readNumber(value) ?? failAtNode(machine, expectedNumber(value, machine), DEFAULT_HINT)
}

const DEFAULT_HINT = 'Convert it before, with a default for other values: `| float(0)`.'

const expectedNumber = (value: unknown, machine: RenderMachine) =>
  `expected a number, got ${describeValue(value, machine)}`

function losesDigits(text: unknown, machine: RenderMachine): never {
  return failAtNode(
    machine,
    `${String(text).trim()} has more digits than a number holds`,
    "compare it as it is, or convert it with '| float'",
  )
}

function convert(value: unknown, args: BoundArguments, machine: RenderMachine): unknown {
  const number = readNumber(value)
  if (number !== undefined && Number.isFinite(number)) return number
  return args.default === undefined
    ? failedConversion(machine, expectedNumber(value, machine), "add a default: '| int(0)'")
    : args.default
}

function toWhole(value: unknown, args: BoundArguments, machine: RenderMachine): unknown {
  const base = wholeArgument(args, 'base', 10, machine)
  const text = viewOf(value)?.text() ?? value
  if (base === 10 && isLongWhole(text)) return text.trim().replace('+', '')
  const parsed = base === 10 && typeof text === 'string' ? parseNumericText(text) : undefined
  if (parsed !== undefined && typeof exactNumber(parsed, String(text).trim()) === 'string')
    return losesDigits(text, machine)
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
    return Number.isSafeInteger(Number.parseInt(digits, base))
      ? Number.parseInt(digits, base)
      : losesDigits(text, machine)
  const problem = `expected a number in base ${base}, got ${describeValue(text, machine)}`
  return args.default === undefined
    ? failedConversion(machine, problem, `add a default: '| int(0, ${base})'`)
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
  if (!Number.isFinite(number * scale)) return number
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
  const items = toList(value, machine).map((item, index) =>
    args.attribute === undefined ? item : requireAttribute(item, args.attribute, undefined, index, machine),
  )
  const start = unwrapView(args.start)
  if (Array.isArray(start)) return items.reduce((all: unknown, item) => calculate('+', all, item, machine), start)
  const add = (total: unknown, item: unknown) =>
    calculate('+', total, longTextOf(item) ?? toNumber(item, machine), machine)
  return items.reduce(add, longTextOf(args.start) ?? toNumber(args.start ?? 0, machine))
}
