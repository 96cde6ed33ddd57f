import { type Machine, spend } from '../../evaluate/machine.ts'
import { inputText, textOf } from '../../values/values.ts'
import { flagArgument, textArgument, wholeArgument } from '../arguments.ts'
import { formatMoment, parseMoment } from '../dates.ts'
import { fillIn, formatValue, printf } from '../format.ts'
import { type Bound, type Operation, type Operations, operation } from '../operation.ts'
import { capitalize, indent, pad, replaceText, slugify, splitText, strip, titleCase, truncate } from '../words.ts'

/** A filter that works on the text of whatever it is given. */
export function onText(parameters: string, apply: (text: string, args: Bound, machine: Machine) => unknown): Operation {
  return operation(parameters, (value, args, machine) => apply(inputText(value, machine), args, machine))
}

const HTML: { readonly [letter: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
}
const escapeHtml = onText('', (text) => text.replace(/[&<>"']/g, (letter) => HTML[letter]!))

/** Filters from text to text. */
export const TEXTS: Operations = {
  string: onText('', (text) => text),
  lower: onText('', (text) => text.toLowerCase()),
  upper: onText('', (text) => text.toUpperCase()),
  title: onText('', titleCase),
  capitalize: onText('', capitalize),
  trim: onText('chars', (text, { chars }, machine) =>
    strip(text, chars == null ? undefined : textOf(chars, machine), 'both'),
  ),
  slugify: onText('', slugify),
  basename: onText('', (text) => text.slice(text.lastIndexOf('/') + 1)),
  truncate: onText('length killwords end leeway', (text, args, machine) =>
    truncate(
      text,
      wholeArgument(args, 'length', 255, machine),
      flagArgument(args, 'killwords'),
      textArgument(args, 'end', '...', machine),
      wholeArgument(args, 'leeway', 5, machine),
      machine,
    ),
  ),
  truncate_words: onText('n end', truncateWords),
  wordcount: onText('', countWords),
  replace: onText('old new count', (text, args, machine) =>
    replaceText(
      text,
      textArgument(args, 'old', '', machine),
      textArgument(args, 'new', '', machine),
      wholeArgument(args, 'count', -1, machine),
      machine,
    ),
  ),
  split: onText('sep maxsplit', (text, args, machine) =>
    splitText(
      text,
      args.sep == null ? undefined : textOf(args.sep, machine),
      wholeArgument(args, 'maxsplit', -1, machine),
      machine,
    ),
  ),
  indent: onText('width first blank', indentText),
  center: onText('width', (text, args, machine) =>
    pad(text, wholeArgument(args, 'width', 80, machine), 'center', ' ', machine),
  ),
  format: operation('*values **named', formatAny),
  date: onText('format', dateText),
  urlencode: onText('', (text) => encodeURIComponent(text.toWellFormed()).replaceAll('%2F', '/')),
  escape: escapeHtml,
  e: escapeHtml,
  safe: operation('', (value) => value),
}

function truncateWords(text: string, args: Bound, machine: Machine): string {
  const words = splitText(text, undefined, -1, machine)
  const most = Math.max(wholeArgument(args, 'n', 50, machine), 0)
  return words.length <= most ? text : words.slice(0, most).join(' ') + textArgument(args, 'end', '...', machine)
}

function countWords(text: string, _args: Bound, machine: Machine): number {
  spend(machine, text.length / 8)
  return (text.match(/[\p{L}\p{N}_]+/gu) ?? []).length
}

function indentText(text: string, args: Bound, machine: Machine): string {
  const { width } = args
  const margin =
    typeof width === 'string' ? width : pad('', wholeArgument(args, 'width', 4, machine), 'left', ' ', machine)
  return indent(text, margin, flagArgument(args, 'first'), flagArgument(args, 'blank'), machine)
}

/** `'%s' | format(x)`, `'{}' | format(x)` and `x | format('.2f')`: what the text holds tells which is meant. */
function formatAny(value: unknown, { values, named }: Bound, machine: Machine): string {
  const list = values as readonly unknown[]
  if (typeof value === 'string' && value.includes('{')) return fillIn(value, list, named, machine)
  if (typeof value !== 'string' || !value.includes('%')) return formatValue(value, textOf(list[0], machine), machine)
  return printf(value, list.length > 0 ? list : named, machine)
}

/** A text that is no date stays as it is; 'now' is the time of the run, so that it is the same on every replay. */
function dateText(text: string, args: Bound, machine: Machine): string {
  const moment = parseMoment(text.trim() === 'now' ? textOf(machine.scope.get('timestamp'), machine) : text)
  return moment ? formatMoment(moment, textArgument(args, 'format', '%Y-%m-%d', machine)) : text
}
