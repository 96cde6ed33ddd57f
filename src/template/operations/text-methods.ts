import { failAtNode, type RenderMachine } from '../machine/machine.ts'
import { formatString } from '../text/format.ts'
import { capitalize, centerText, countOccurrences, padText, splitText, stripCharacters } from '../text/strings.ts'
import { characterCount } from '../values/characters.ts'
import { printValue } from '../values/values.ts'
import { ISO_FORMAT } from './filters/date.ts'
import { letterOperation, replaceAll, separatorOf, splitAll, textOperation } from './filters/text.ts'
import { FILTERS } from './filters.ts'
import type { BoundArguments, TemplateOperation, TemplateOperations } from './operation.ts'
import { defineOperation, operationOf, searchArgument, textArgument, wholeArgument } from './operation.ts'

/** Methods of text, and of steps that are text. */
export const TEXT_METHODS: TemplateOperations = {
  lower: operationOf(FILTERS, 'lower')!,
  upper: operationOf(FILTERS, 'upper')!,
  title: letterOperation('Title Case: every run of letters starts with a capital.', (text) =>
    text.replace(/\p{L}+/gu, (word) => capitalize(word)),
  ),
  capitalize: operationOf(FILTERS, 'capitalize')!,
  casefold: textOperation('', 'Lower case for comparisons.', (text) => text.toLowerCase().replaceAll('ß', 'ss')),
  swapcase: letterOperation('Swaps upper and lower case.', (text) =>
    text.replace(/\p{L}/gu, (letter) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
    ),
  ),
  strip: stripping('both', 'Without white space, or these characters, at both ends.'),
  lstrip: stripping('left', 'The same at the start only.'),
  rstrip: stripping('right', 'The same at the end only.'),
  split: textOperation('sep? maxsplit?', 'The parts between separators, or the words.', splitAll),
  rsplit: textOperation('sep? maxsplit?', 'The same, from the end.', splitFromEnd),
  splitlines: textOperation('', 'The lines.', (text, _args, machine) =>
    text === '' ? [] : splitText(text.replace(/\r\n?/g, '\n').replace(/\n$/, ''), '\n', -1, machine),
  ),
  partition: textOperation(
    'sep',
    'The text before the first separator, the separator, and the text after it.',
    (text, args, machine) => {
      const sep = searchArgument(args, 'sep', machine)
      return cutAt(text, text.indexOf(sep), sep) ?? [text, '', '']
    },
  ),
  rpartition: textOperation('sep', 'The same at the last separator.', (text, args, machine) => {
    const sep = searchArgument(args, 'sep', machine)
    return cutAt(text, text.lastIndexOf(sep), sep) ?? ['', '', text]
  }),
  join: textOperation('items', 'The items with this text between them.', (text, { items }, machine) =>
    operationOf(FILTERS, 'join')!.apply(items, { d: text }, machine),
  ),
  replace: textOperation('old new count?', 'Replaces all occurrences, or the first ones up to count.', replaceAll),
  removeprefix: textOperation('prefix', 'Without this prefix.', (text, args, machine) => {
    const prefix = searchArgument(args, 'prefix', machine)
    return text.startsWith(prefix) ? text.slice(prefix.length) : text
  }),
  removesuffix: textOperation('suffix', 'Without this suffix.', (text, args, machine) => {
    const suffix = searchArgument(args, 'suffix', machine)
    return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text
  }),
  startswith: edge('Whether it starts with this text, or any of a list.', (text, part) => text.startsWith(part)),
  endswith: edge('Whether it ends with this text, or any of a list.', (text, part) => text.endsWith(part)),
  find: textOperation('part', 'The first position of a part, or -1.', (text, args, machine) =>
    lengthBefore(text, text.indexOf(searchArgument(args, 'part', machine)), machine),
  ),
  rfind: textOperation('part', 'The last position of a part, or -1.', (text, args, machine) =>
    lengthBefore(text, text.lastIndexOf(searchArgument(args, 'part', machine)), machine),
  ),
  index: textOperation('part', 'The first position of a part; fails if it is missing.', (text, args, machine) => {
    const at = text.indexOf(searchArgument(args, 'part', machine))
    return at < 0 ? failAtNode(machine, 'the text does not contain this part') : lengthBefore(text, at, machine)
  }),
  count: textOperation('part', 'The number of occurrences of a part.', (text, args, machine) =>
    countOccurrences(text, searchArgument(args, 'part', machine), machine),
  ),
  format: defineOperation(
    '*values **named',
    "'{} of {n:>5}'.format(a, n=b): only values, nothing inside them.",
    (value, { values, named }, machine) =>
      formatString(printValue(value, machine), values as readonly unknown[], named, machine),
  ),
  zfill: textOperation('width', 'Padded with leading zeros to this width.', (text, args, machine) => {
    const sign = /^[-+]/.exec(text)?.[0] ?? ''
    const width = wholeArgument(args, 'width', 0, machine) - sign.length
    return sign + padText(text.slice(sign.length), width, 'right', '0', machine)
  }),
  ljust: padding('Left-aligned in this width.', (text, width, fill, machine) =>
    padText(text, width, 'left', fill, machine),
  ),
  rjust: padding('Right-aligned in this width.', (text, width, fill, machine) =>
    padText(text, width, 'right', fill, machine),
  ),
  center: padding('Centred in this width.', centerText),
  isdigit: consisting('digits', /^\p{Nd}+$/u),
  isdecimal: consisting('digits', /^\p{Nd}+$/u),
  isnumeric: consisting('numbers', /^\p{N}+$/u),
  isalpha: consisting('letters', /^\p{L}+$/u),
  isalnum: consisting('letters and digits', /^[\p{L}\p{N}]+$/u),
  isspace: consisting('white space', /^\s+$/),
  isupper: textOperation(
    '',
    'Whether all letters are upper case.',
    (text) => text === text.toUpperCase() && text !== text.toLowerCase(),
  ),
  islower: textOperation(
    '',
    'Whether all letters are lower case.',
    (text) => text === text.toLowerCase() && text !== text.toUpperCase(),
  ),
  istitle: letterOperation('Whether every run of letters starts with a capital.', (text) => {
    const words = text.match(/\p{L}+/gu) ?? []
    return words.length > 0 && words.every((word) => word === capitalize(word))
  }),
  strftime: operationOf(FILTERS, 'date')!,
  isoformat: ISO_FORMAT,
}

function stripping(sides: 'both' | 'left' | 'right', does: string): TemplateOperation {
  return textOperation('chars?', does, (text, { chars }, machine) =>
    stripCharacters(text, chars == null ? undefined : printValue(chars, machine), sides),
  )
}

function padding(
  does: string,
  place: (text: string, width: number, fill: string, machine: RenderMachine) => string,
): TemplateOperation {
  return textOperation('width fillchar?', does, (text, args, machine) =>
    place(text, wholeArgument(args, 'width', 0, machine), textArgument(args, 'fillchar', ' ', machine), machine),
  )
}

/** Whether a text is not empty and all its characters are of one kind. */
function consisting(what: string, of: RegExp): TemplateOperation {
  return textOperation('', `Whether it is all ${what}.`, (text) => of.test(text))
}

/** `startswith(('a', 'b'))` matches any of them. */
function edge(does: string, test: (text: string, part: string) => boolean): TemplateOperation {
  return textOperation('part', does, (text, { part }, machine) => {
    const parts = Array.isArray(part) ? part : [part]
    return parts.some((one) => test(text, searchArgument({ part: one }, 'part', machine)))
  })
}

function splitFromEnd(text: string, args: BoundArguments, machine: RenderMachine): readonly string[] {
  const separator = separatorOf(args, machine)
  const parts = splitText(text, separator, -1, machine)
  const most = wholeArgument(args, 'maxsplit', -1, machine)
  if (most < 0 || parts.length <= most + 1) return parts
  const last = parts.slice(parts.length - most)
  const head = separator ? parts.slice(0, parts.length - most).join(separator) : beforeWords(text, last)
  return [head, ...last]
}

/** The text before the last words that were split off, unchanged. */
function beforeWords(text: string, words: readonly string[]): string {
  return words.reduceRight((rest, word) => rest.slice(0, rest.length - word.length).trimEnd(), text.trimEnd())
}

function cutAt(text: string, at: number, separator: string): readonly string[] | undefined {
  if (at < 0 || separator === '') return undefined
  return [text.slice(0, at), separator, text.slice(at + separator.length)]
}

function lengthBefore(text: string, at: number, machine: RenderMachine): number {
  return at < 0 ? -1 : characterCount(text.slice(0, at), machine)
}
