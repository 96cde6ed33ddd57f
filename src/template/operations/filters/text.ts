import { type Machine, spend } from '../../machine/machine.ts'
import { quoteWord } from '../../text/command-line.ts'
import { fillIn, formatValue, printf } from '../../text/format.ts'
import { capitalize, replaceText, slugify, splitText, strip, titleCase } from '../../text/strings.ts'
import { inputText, textOf } from '../../values/values.ts'
import { type Bound, type Operation, type Operations, operation, textArgument, wholeArgument } from '../operation.ts'

/** A filter or method that works on the text of whatever it is given. */
export function onText(
  parameters: string,
  does: string,
  apply: (text: string, args: Bound, machine: Machine) => unknown,
): Operation {
  return operation(parameters, does, (value, args, machine) => apply(inputText(value, machine), args, machine))
}

/** The same where the work is done letter by letter, which counts for more. */
export function onLetters(parameters: string, does: string, apply: Parameters<typeof onText>[2]): Operation {
  return onText(parameters, does, (text, args, machine) => {
    spend(machine, text.length / 8)
    return apply(text, args, machine)
  })
}

/** Filters from text to text. */
export const TEXTS: Operations = {
  string: onText('', 'What the value prints.', (text) => text),
  lower: onText('', 'In small letters.', (text) => text.toLowerCase()),
  upper: onText('', 'In capital letters.', (text) => text.toUpperCase()),
  title: onLetters('', 'Each Word With A Capital.', titleCase),
  capitalize: onText('', 'The first letter large, all others small.', capitalize),
  trim: onText('chars?', 'Without white space, or these characters, at its ends.', (text, { chars }, machine) =>
    strip(text, chars == null ? undefined : textOf(chars, machine), 'both'),
  ),
  replace: onText('old new count?', 'With each part that is so replaced, or the first so many.', replaceAll),
  split: onText('sep? maxsplit?', 'The parts between separators, or the words.', splitAll),
  quote: operation(
    '',
    'As one word of a command line, whatever it holds; a list as one word for each item. For `command` of the tool terminal.',
    (value, _args, machine) => {
      const parts = Array.isArray(value) ? value : [value]
      return parts.map((part) => quoteWord(textOf(part, machine))).join(' ')
    },
  ),
  slugify: onLetters('', "Small letters, words joined by hyphens: 'Deep Sea!' is 'deep-sea'.", slugify),
  basename: onText('', 'The last part of a path.', (text) => text.slice(text.lastIndexOf('/') + 1)),
  wordcount: onLetters('', 'How many words it has.', countWords),
  format: operation(
    '*values **named',
    "'%s of %d' | format(a, b), '{} of {n}' | format(a, n=b), or a value by a format: 1234.5 | format(',.2f').",
    formatAny,
  ),
}

/** `split` as filter and method have it. */
export function splitAll(text: string, args: Bound, machine: Machine): readonly string[] {
  const separator = args.sep == null ? undefined : textOf(args.sep, machine)
  return splitText(text, separator, wholeArgument(args, 'maxsplit', -1, machine), machine)
}

/** `replace` as filter and method have it. */
export function replaceAll(text: string, args: Bound, machine: Machine): string {
  const [old, by] = [textArgument(args, 'old', '', machine), textArgument(args, 'new', '', machine)]
  return replaceText(text, old, by, wholeArgument(args, 'count', -1, machine), machine)
}

function countWords(text: string): number {
  return (text.match(/[\p{L}\p{N}_]+/gu) ?? []).length
}

/** `'%s' | format(x)`, `'{}' | format(x)` and `x | format('.2f')`: what the text holds tells which is meant. */
function formatAny(value: unknown, { values, named }: Bound, machine: Machine): string {
  const list = values as readonly unknown[]
  if (typeof value === 'string' && value.includes('{')) return fillIn(value, list, named, machine)
  if (typeof value !== 'string' || !value.includes('%')) return formatValue(value, textOf(list[0], machine), machine)
  return printf(value, list.length > 0 ? list : named, machine)
}
