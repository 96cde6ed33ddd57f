import { failAtNode, type RenderMachine, spendSteps } from '../../machine/machine.ts'
import { failedConversion } from '../../machine/missing.ts'
import { dateOfTimestamp, readDate, type WrittenDate } from '../../text/dates.ts'
import { describeFormatFault, formatDate, knownDirectives } from '../../text/strftime.ts'
import { describeValue, inputText, printValue, readNumber } from '../../values/values.ts'
import { viewOf } from '../../view.ts'
import type { BoundArguments, TemplateOperation, TemplateOperations } from '../operation.ts'
import { defineOperation, textArgument } from '../operation.ts'

const date: TemplateOperation = {
  ...defineOperation(
    'format? unit?',
    "An ISO-8601 date, or 'now', as strftime writes it ('%Y-%m-%d %H:%M:%S'). Fails for other values. With unit='s' or 'ms', a number since 1970.",
    writeDate,
  ),
  check: ({ format }, machine) => {
    if (typeof format === 'string') checkFormat(format, machine)
  },
}

export const DATE_FILTERS: TemplateOperations = { date, strftime: date }

/** The text itself, if it is a date. */
export const ISO_FORMAT: TemplateOperation = defineOperation(
  '',
  'The text itself: times are ISO-8601. Fails for other text.',
  (value, args, machine) => {
    const moment = momentOf(value, args, machine)
    return typeof moment === 'string' ? failedConversion(machine, moment, DATE_HINT) : printValue(value, machine)
  },
)

const DATE_HINT = "To continue without it, add a default: | date('%Y') | default('')"
const NUMBER_HINT = "Say what a number counts: `| date('%Y-%m-%d', unit='s')` for seconds since 1970, or `unit='ms'`."

function writeDate(value: unknown, args: BoundArguments, machine: RenderMachine): unknown {
  const format = textArgument(args, 'format', '%Y-%m-%d %H:%M:%S', machine)
  spendSteps(machine, format.length / 2)
  checkFormat(format, machine)
  const moment = momentOf(value, args, machine)
  if (typeof moment !== 'string') return formatDate(moment, format)
  const isNumber = typeof value === 'number' && args.unit === undefined
  return failedConversion(machine, moment, isNumber ? NUMBER_HINT : DATE_HINT)
}

/** The date of a value, or why it has none. 'now' is the time of the run, so that it is the same on every replay. */
function momentOf(value: unknown, args: BoundArguments, machine: RenderMachine): WrittenDate | string {
  const got = () => `, got ${describeValue(value, machine)}`
  if (args.unit !== undefined) return momentOfNumber(value, args, machine) ?? `expected a number of time${got()}`
  if (typeof value !== 'string' && !viewOf(value)) return `expected a date such as 2026-11-25${got()}`
  const text = inputText(value, machine)
  const moment = readDate(text.trim() === 'now' ? printValue(machine.scope.get('timestamp'), machine) : text)
  return typeof moment === 'string' ? `${moment}${got()}` : moment
}

function momentOfNumber(value: unknown, args: BoundArguments, machine: RenderMachine): WrittenDate | undefined {
  const unit = textArgument(args, 'unit', '', machine)
  if (unit !== 's' && unit !== 'ms') return failAtNode(machine, `expected unit='s' or unit='ms', got '${unit}'`)
  const number = readNumber(value)
  return number === undefined ? undefined : dateOfTimestamp(unit === 's' ? number * 1000 : number)
}

function checkFormat(format: string, machine: RenderMachine): void {
  const fault = describeFormatFault(format)
  if (fault !== undefined) failAtNode(machine, fault, `the directives are ${knownDirectives().join(' ')}`)
}
