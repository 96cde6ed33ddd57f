import { failAtNode, type RenderMachine, spendSteps } from '../../machine/machine.ts'
import { quoteWord } from '../../text/command-line.ts'
import { formatString, formatValue, printf } from '../../text/format.ts'
import { capitalize, replaceText, slugify, splitText, stripCharacters, titleCase } from '../../text/strings.ts'
import { inputText, printValue } from '../../values/values.ts'
import type { BoundArguments, TemplateOperation, TemplateOperations } from '../operation.ts'
import { defineOperation, searchArgument, textArgument, wholeArgument } from '../operation.ts'

/** A filter or method on the text of any value. */
export function textOperation(
  parameters: string,
  does: string,
  apply: (text: string, args: BoundArguments, machine: RenderMachine) => unknown,
): TemplateOperation {
  return defineOperation(parameters, does, (value, args, machine) => apply(inputText(value, machine), args, machine))
}

/** The same for work on single characters, which costs more. */
export function letterOperation(does: string, apply: Parameters<typeof textOperation>[2]): TemplateOperation {
  return textOperation('', does, (text, args, machine) => {
    spendSteps(machine, text.length / 8)
    return apply(text, args, machine)
  })
}

export const TEXT_FILTERS: TemplateOperations = {
  string: textOperation('', 'The value as text.', (text) => text),
  lower: textOperation('', 'Lower case.', (text) => text.toLowerCase()),
  upper: textOperation('', 'Upper case.', (text) => text.toUpperCase()),
  title: letterOperation('Title Case.', titleCase),
  capitalize: textOperation('', 'The first letter in upper case, the rest in lower case.', capitalize),
  trim: textOperation('chars?', 'Without white space, or these characters, at both ends.', (text, { chars }, machine) =>
    stripCharacters(text, chars == null ? undefined : printValue(chars, machine), 'both'),
  ),
  replace: textOperation('old new count?', 'Replaces all occurrences, or the first ones up to count.', replaceAll),
  split: textOperation('sep? maxsplit?', 'The parts between separators, or the words.', splitAll),
  quote: defineOperation(
    '',
    'Quoted as one word of a command line; a list as one word per item. For `command` of the tool terminal.',
    (value, _args, machine) => {
      const parts = Array.isArray(value) ? value : [value]
      return parts.map((part) => quoteWord(printValue(part, machine))).join(' ')
    },
  ),
  slugify: letterOperation("Small letters, words joined by hyphens: 'Deep Sea!' is 'deep-sea'.", slugify),
  basename: textOperation('', 'The last part of a path.', (text) => text.slice(text.lastIndexOf('/') + 1)),
  wordcount: letterOperation('The number of words.', (text) => (text.match(/[\p{L}\p{N}_]+/gu) ?? []).length),
  format: defineOperation(
    '*values **named',
    "'%s of %d' | format(a, b), '{} of {n}' | format(a, n=b), or a value by a format: 1234.5 | format(',.2f').",
    formatAny,
  ),
}

/** `split`, as a filter and as a method. */
export function splitAll(text: string, args: BoundArguments, machine: RenderMachine): readonly string[] {
  return splitText(text, separatorOf(args, machine), wholeArgument(args, 'maxsplit', -1, machine), machine)
}

/** The separator of `split`; undefined for white space. */
export function separatorOf(args: BoundArguments, machine: RenderMachine): string | undefined {
  if (args.sep === undefined || args.sep === null) return undefined
  const separator = searchArgument(args, 'sep', machine)
  if (separator !== '') return separator
  return failAtNode(machine, '`sep` must not be empty', "write '| list' for the characters of a text")
}

/** `replace`, as a filter and as a method. */
export function replaceAll(text: string, args: BoundArguments, machine: RenderMachine): string {
  const [old, by] = [searchArgument(args, 'old', machine), textArgument(args, 'new', '', machine)]
  return replaceText(text, old, by, wholeArgument(args, 'count', -1, machine), machine)
}

/** Supports `'%s' | format(x)`, `'{}' | format(x)` and `x | format('.2f')`; the text decides which form applies. */
function formatAny(value: unknown, { values, named }: BoundArguments, machine: RenderMachine): string {
  const list = values as readonly unknown[]
  if (typeof value === 'string' && value.includes('{')) return formatString(value, list, named, machine)
  if (typeof value !== 'string' || !value.includes('%'))
    return formatValue(value, printValue(list[0], machine), machine)
  return printf(value, list.length > 0 ? list : named, machine)
}
