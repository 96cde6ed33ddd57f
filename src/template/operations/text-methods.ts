import { fail, type Machine } from '../machine/machine.ts'
import { fillIn } from '../text/format.ts'
import { capitalize, center, countPart, pad, splitText, strip } from '../text/strings.ts'
import { lengthOf } from '../values/characters.ts'
import { inputText, textOf } from '../values/values.ts'
import { onLetters, onText, replaceAll, splitAll } from './filters/text.ts'
import { FILTERS } from './filters.ts'
import {
  type Bound,
  type Operation,
  type Operations,
  operation,
  operationOf,
  textArgument,
  wholeArgument,
} from './operation.ts'

/** Methods of text, and of steps that are text. */
export const TEXT: Operations = {
  lower: operationOf(FILTERS, 'lower')!,
  upper: operationOf(FILTERS, 'upper')!,
  title: onLetters('', 'Every run of letters with a capital.', (text) =>
    text.replace(/\p{L}+/gu, (word) => capitalize(word)),
  ),
  capitalize: operationOf(FILTERS, 'capitalize')!,
  casefold: onText('', 'In small letters, for comparing.', (text) => text.toLowerCase().replaceAll('ß', 'ss')),
  swapcase: onLetters('', 'Small letters large and large ones small.', (text) =>
    text.replace(/\p{L}/gu, (letter) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
    ),
  ),
  strip: stripping('both', 'Without white space, or these characters, at its ends.'),
  lstrip: stripping('left', 'The same at its beginning.'),
  rstrip: stripping('right', 'The same at its end.'),
  split: onText('sep? maxsplit?', 'The parts between separators, or the words.', splitAll),
  rsplit: onText('sep? maxsplit?', 'The same, counted from the end.', splitFromEnd),
  splitlines: onText('', 'The lines.', (text, _args, machine) =>
    text === '' ? [] : splitText(text.replace(/\r\n?/g, '\n').replace(/\n$/, ''), '\n', -1, machine),
  ),
  partition: onText('sep', 'What is before the first separator, it, and what is behind.', (text, args, machine) => {
    const sep = textArgument(args, 'sep', '', machine)
    return cutAt(text, text.indexOf(sep), sep) ?? [text, '', '']
  }),
  rpartition: onText('sep', 'The same at the last separator.', (text, args, machine) => {
    const sep = textArgument(args, 'sep', '', machine)
    return cutAt(text, text.lastIndexOf(sep), sep) ?? ['', '', text]
  }),
  join: onText('items', 'The items with this text between them.', (text, { items }, machine) =>
    operationOf(FILTERS, 'join')!.apply(items, { d: text }, machine),
  ),
  replace: onText('old new count?', 'With each part that is so replaced, or the first so many.', replaceAll),
  removeprefix: onText('prefix', 'Without that at its beginning.', (text, args, machine) => {
    const prefix = textArgument(args, 'prefix', '', machine)
    return text.startsWith(prefix) ? text.slice(prefix.length) : text
  }),
  removesuffix: onText('suffix', 'Without that at its end.', (text, args, machine) => {
    const suffix = textArgument(args, 'suffix', '', machine)
    return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text
  }),
  startswith: edge('Whether it begins so; of a list, with any of them.', (text, part) => text.startsWith(part)),
  endswith: edge('Whether it ends so; of a list, with any of them.', (text, part) => text.endsWith(part)),
  find: onText('part', 'Where a part begins first; -1 when nowhere.', (text, args, machine) =>
    lengthBefore(text, text.indexOf(textArgument(args, 'part', '', machine)), machine),
  ),
  rfind: onText('part', 'Where a part begins last; -1 when nowhere.', (text, args, machine) =>
    lengthBefore(text, text.lastIndexOf(textArgument(args, 'part', '', machine)), machine),
  ),
  index: onText('part', 'Where a part begins first; fails when nowhere.', (text, args, machine) => {
    const at = text.indexOf(textArgument(args, 'part', '', machine))
    return at < 0 ? fail(machine, 'the text does not hold that part') : lengthBefore(text, at, machine)
  }),
  count: onText('part', 'How often it holds a part.', (text, args, machine) =>
    countPart(text, textArgument(args, 'part', '', machine), machine),
  ),
  format: operation(
    '*values **named',
    "'{} of {n:>5}'.format(a, n=b): only values, nothing inside them.",
    (value, { values, named }, machine) => fillIn(textOf(value, machine), values as readonly unknown[], named, machine),
  ),
  zfill: onText('width', 'Zeros before it, up to so many characters.', (text, args, machine) => {
    const sign = /^[-+]/.exec(text)?.[0] ?? ''
    const width = wholeArgument(args, 'width', 0, machine) - sign.length
    return sign + pad(text.slice(sign.length), width, 'right', '0', machine)
  }),
  ljust: padding('At the left of so many characters.', (text, width, fill, machine) =>
    pad(text, width, 'left', fill, machine),
  ),
  rjust: padding('At the right of so many characters.', (text, width, fill, machine) =>
    pad(text, width, 'right', fill, machine),
  ),
  center: padding('In the middle of so many characters.', center),
  isdigit: consisting('digits', /^\p{Nd}+$/u),
  isdecimal: consisting('digits', /^\p{Nd}+$/u),
  isnumeric: consisting('numbers', /^\p{N}+$/u),
  isalpha: consisting('letters', /^\p{L}+$/u),
  isalnum: consisting('letters and digits', /^[\p{L}\p{N}]+$/u),
  isspace: consisting('white space', /^\s+$/),
  isupper: onText(
    '',
    'Whether its letters are capitals.',
    (text) => text === text.toUpperCase() && text !== text.toLowerCase(),
  ),
  islower: onText(
    '',
    'Whether its letters are small.',
    (text) => text === text.toLowerCase() && text !== text.toUpperCase(),
  ),
  istitle: onLetters('', 'Whether every run of letters has a capital.', (text) => {
    const words = text.match(/\p{L}+/gu) ?? []
    return words.length > 0 && words.every((word) => word === capitalize(word))
  }),
  strftime: operationOf(FILTERS, 'date')!,
  isoformat: onText('', 'The text itself: times are ISO-8601 already.', (text) => text),
}

function stripping(sides: 'both' | 'left' | 'right', does: string): Operation {
  return onText('chars?', does, (text, { chars }, machine) =>
    strip(text, chars == null ? undefined : textOf(chars, machine), sides),
  )
}

function padding(
  does: string,
  place: (text: string, width: number, fill: string, machine: Machine) => string,
): Operation {
  return onText('width fillchar?', does, (text, args, machine) =>
    place(text, wholeArgument(args, 'width', 0, machine), textArgument(args, 'fillchar', ' ', machine), machine),
  )
}

/** Whether every character is of a kind, and there is one. */
function consisting(what: string, of: RegExp): Operation {
  return onText('', `Whether it is all ${what}.`, (text) => of.test(text))
}

/** `startswith(('a', 'b'))` asks for any of them. */
function edge(does: string, test: (text: string, part: string) => boolean): Operation {
  return onText('part', does, (text, { part }, machine) => {
    const parts = Array.isArray(part) ? part : [part]
    return parts.some((one) => test(text, inputText(one, machine)))
  })
}

function splitFromEnd(text: string, args: Bound, machine: Machine): readonly string[] {
  const separator = args.sep == null ? undefined : textOf(args.sep, machine)
  const parts = splitText(text, separator, -1, machine)
  const most = wholeArgument(args, 'maxsplit', -1, machine)
  if (most < 0 || parts.length <= most + 1) return parts
  const last = parts.slice(parts.length - most)
  const head = separator ? parts.slice(0, parts.length - most).join(separator) : beforeWords(text, last)
  return [head, ...last]
}

/** What is before its last words, as it is written. */
function beforeWords(text: string, words: readonly string[]): string {
  return words.reduceRight((rest, word) => rest.slice(0, rest.length - word.length).trimEnd(), text.trimEnd())
}

function cutAt(text: string, at: number, separator: string): readonly string[] | undefined {
  if (at < 0 || separator === '') return undefined
  return [text.slice(0, at), separator, text.slice(at + separator.length)]
}

function lengthBefore(text: string, at: number, machine: Machine): number {
  return at < 0 ? -1 : lengthOf(text.slice(0, at), machine)
}
