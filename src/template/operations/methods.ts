import { fail, type Machine } from '../evaluate/machine.ts'
import { fieldOf } from '../values/access.ts'
import { lengthOf } from '../values/characters.ts'
import { equals } from '../values/compare.ts'
import { behind, inputText, isMap, type MapValue, textOf } from '../values/values.ts'
import { viewOf } from '../view.ts'
import { textArgument, wholeArgument } from './arguments.ts'
import { FILTERS } from './filters.ts'
import { fillIn } from './format.ts'
import { type Bound, type Operation, type Operations, operation, operationOf } from './operation.ts'
import { capitalize, pad, replaceText, splitText, strip } from './words.ts'

/** A method on text. */
function onText(parameters: string, apply: (text: string, args: Bound, machine: Machine) => unknown): Operation {
  return operation(parameters, (value, args, machine) => {
    return apply(inputText(value, machine), args, machine)
  })
}

function stripping(sides: 'both' | 'left' | 'right'): Operation {
  return onText('chars', (text, { chars }, machine) =>
    strip(text, chars == null ? undefined : textOf(chars, machine), sides),
  )
}

function padding(align: 'left' | 'right' | 'center'): Operation {
  return onText('width fillchar', (text, args, machine) =>
    pad(text, wholeArgument(args, 'width', 0, machine), align, textArgument(args, 'fillchar', ' ', machine), machine),
  )
}

/** Whether every character is of a kind, and there is one. */
function consisting(of: RegExp): Operation {
  return onText('', (text) => of.test(text))
}

/** `startswith(('a', 'b'))` asks for any of them. */
function edge(test: (text: string, part: string) => boolean): Operation {
  return onText('prefix', (text, { prefix }, machine) => {
    const parts = Array.isArray(prefix) ? prefix : [prefix]
    return parts.some((part) => test(text, textOf(part, machine)))
  })
}

const TEXT: Operations = {
  lower: onText('', (text) => text.toLowerCase()),
  upper: onText('', (text) => text.toUpperCase()),
  title: onText('', (text) => text.replace(/\p{L}+/gu, (word) => capitalize(word))),
  capitalize: operationOf(FILTERS, 'capitalize')!,
  strip: stripping('both'),
  lstrip: stripping('left'),
  rstrip: stripping('right'),
  split: onText('sep maxsplit', (text, args, machine) =>
    splitText(
      text,
      args.sep == null ? undefined : textOf(args.sep, machine),
      wholeArgument(args, 'maxsplit', -1, machine),
      machine,
    ),
  ),
  rsplit: onText('sep maxsplit', splitFromEnd),
  splitlines: onText('', (text, _args, machine) =>
    splitText(text.replace(/\r\n?/g, '\n').replace(/\n$/, ''), '\n', -1, machine),
  ),
  replace: onText('old new count', (text, args, machine) =>
    replaceText(
      text,
      textArgument(args, 'old', '', machine),
      textArgument(args, 'new', '', machine),
      wholeArgument(args, 'count', -1, machine),
      machine,
    ),
  ),
  startswith: edge((text, part) => text.startsWith(part)),
  endswith: edge((text, part) => text.endsWith(part)),
  removeprefix: onText('prefix', (text, args, machine) => {
    const prefix = textArgument(args, 'prefix', '', machine)
    return text.startsWith(prefix) ? text.slice(prefix.length) : text
  }),
  removesuffix: onText('suffix', (text, args, machine) => {
    const suffix = textArgument(args, 'suffix', '', machine)
    return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text
  }),
  find: onText('part', (text, args, machine) =>
    lengthBefore(text, text.indexOf(textArgument(args, 'part', '', machine)), machine),
  ),
  rfind: onText('part', (text, args, machine) =>
    lengthBefore(text, text.lastIndexOf(textArgument(args, 'part', '', machine)), machine),
  ),
  index: onText('part', (text, args, machine) => {
    const at = text.indexOf(textArgument(args, 'part', '', machine))
    return at < 0 ? fail(machine, 'the text does not hold that part') : lengthBefore(text, at, machine)
  }),
  count: onText(
    'part',
    (text, args, machine) => text.split(textArgument(args, 'part', '', machine), machine.limits.items).length - 1,
  ),
  join: onText('items', (text, { items }, machine) => operationOf(FILTERS, 'join')!.apply(items, { d: text }, machine)),
  format: operation('*values **named', (value, { values, named }, machine) =>
    fillIn(textOf(value, machine), values as readonly unknown[], named, machine),
  ),
  zfill: onText('width', (text, args, machine) => {
    const sign = /^[-+]/.exec(text)?.[0] ?? ''
    return (
      sign + pad(text.slice(sign.length), wholeArgument(args, 'width', 0, machine) - sign.length, 'right', '0', machine)
    )
  }),
  ljust: padding('left'),
  rjust: padding('right'),
  center: padding('center'),
  isdigit: consisting(/^\p{Nd}+$/u),
  isnumeric: consisting(/^\p{N}+$/u),
  isalpha: consisting(/^\p{L}+$/u),
  isalnum: consisting(/^[\p{L}\p{N}]+$/u),
  isspace: consisting(/^\s+$/),
  isupper: onText('', (text) => text === text.toUpperCase() && text !== text.toLowerCase()),
  islower: onText('', (text) => text === text.toLowerCase() && text !== text.toUpperCase()),
  strftime: operation('format', (value, args, machine) => operationOf(FILTERS, 'date')!.apply(value, args, machine)),
  isoformat: onText('', (text) => text),
}

const LIST: Operations = {
  index: operation('item', (value, { item }, machine) => {
    const at = (behind(value) as readonly unknown[]).findIndex((other) => equals(other, item, machine))
    return at < 0 ? fail(machine, 'the list does not hold that item') : at
  }),
  count: operation('item', (value, { item }, machine) => {
    return (behind(value) as readonly unknown[]).filter((other) => equals(other, item, machine)).length
  }),
  copy: operation('', (value) => behind(value)),
}

const MAP: Operations = {
  get: operation('key default', (value, args, machine) => {
    const found = fieldOf(value, textOf(args.key, machine))
    return found === undefined ? (args.default ?? null) : found
  }),
  items: operationOf(FILTERS, 'items')!,
  keys: operationOf(FILTERS, 'keys')!,
  values: operationOf(FILTERS, 'values')!,
  copy: operation('', (value) => behind(value) as MapValue),
}

/** All names of methods: what is none of them is refused when parsing. */
export const METHOD_NAMES: readonly string[] = [...new Set([TEXT, LIST, MAP].flatMap((table) => Object.keys(table)))]

/** The method of that name on such a value: a view has those of the list or map it stands for, and of its text. */
export function methodOf(value: unknown, name: string): Operation | undefined {
  const inner = behind(value)
  if (Array.isArray(inner) && operationOf(LIST, name)) return operationOf(LIST, name)
  if (isMap(inner) && operationOf(MAP, name)) return operationOf(MAP, name)
  if (viewOf(value) && name === 'get') return operationOf(MAP, name)
  return typeof value === 'string' || viewOf(value) ? operationOf(TEXT, name) : undefined
}

function splitFromEnd(text: string, args: Bound, machine: Machine): readonly string[] {
  const separator = args.sep == null ? undefined : textOf(args.sep, machine)
  const parts = splitText(text, separator, -1, machine)
  const most = wholeArgument(args, 'maxsplit', -1, machine)
  if (most < 0 || parts.length <= most + 1) return parts
  const cut = parts.length - most
  return [parts.slice(0, cut).join(separator ?? ' '), ...parts.slice(cut)]
}

function lengthBefore(text: string, at: number, machine: Machine): number {
  return at < 0 ? -1 : lengthOf(text.slice(0, at), machine)
}
