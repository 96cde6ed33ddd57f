import { type Machine, spend } from '../../machine/machine.ts'
import { formatMoment, parseMoment } from '../../text/dates.ts'
import { textOf } from '../../values/values.ts'
import { textArgument } from '../arguments.ts'
import type { Bound, Operations } from '../operation.ts'
import { onText } from './text.ts'

const date = onText(
  'format?',
  "An ISO-8601 date, or 'now' for the time of the run, in the words of strftime ('%Y-%m-%d %H:%M:%S'); other text stays.",
  dateText,
)

/** Filters that write dates. */
export const DATES: Operations = { date, strftime: date }

/** A text that is no date stays as it is; 'now' is the time of the run, so that it is the same on every replay. */
function dateText(text: string, args: Bound, machine: Machine): string {
  const moment = parseMoment(text.trim() === 'now' ? textOf(machine.scope.get('timestamp'), machine) : text)
  const format = textArgument(args, 'format', '%Y-%m-%d %H:%M:%S', machine)
  spend(machine, format.length / 2)
  return moment ? formatMoment(moment, format) : text
}
