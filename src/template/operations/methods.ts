import { failAtNode } from '../machine/machine.ts'
import { fieldOf } from '../values/access.ts'
import { valuesEqual } from '../values/compare.ts'
import { isMap, type MapValue, printValue, unwrapView } from '../values/values.ts'
import { viewOf } from '../view.ts'
import { FILTERS } from './filters.ts'
import { LOOP_METHODS, loopStateOf } from './loop.ts'
import { defineOperation, operationOf, suggest, type TemplateOperation, type TemplateOperations } from './operation.ts'
import { TEXT_METHODS } from './text-methods.ts'

const list = (value: unknown) => unwrapView(value) as readonly unknown[]

const LIST_METHODS: TemplateOperations = {
  index: defineOperation(
    'item',
    'The first position of an item; fails if it is missing.',
    (value, { item }, machine) => {
      const at = list(value).findIndex((other) => valuesEqual(other, item, machine))
      return at < 0 ? failAtNode(machine, 'the list does not contain this item') : at
    },
  ),
  count: defineOperation('item', 'The number of occurrences of an item.', (value, { item }, machine) => {
    return list(value).filter((other) => valuesEqual(other, item, machine)).length
  }),
  copy: defineOperation('', 'The list itself: values are immutable.', (value) => unwrapView(value)),
}

const MAP_METHODS: TemplateOperations = {
  get: defineOperation('key default?', 'A field, or the default, or none.', (value, args, machine) => {
    const found = fieldOf(value, printValue(args.key, machine))
    return found === undefined ? (args.default ?? null) : found
  }),
  items: operationOf(FILTERS, 'items')!,
  keys: operationOf(FILTERS, 'keys')!,
  values: operationOf(FILTERS, 'values')!,
  copy: defineOperation('', 'The map itself: values are immutable.', (value) => unwrapView(value) as MapValue),
}

export const METHODS: { readonly [kind in 'text' | 'list' | 'map' | 'loop']: TemplateOperations } = {
  text: TEXT_METHODS,
  list: LIST_METHODS,
  map: MAP_METHODS,
  loop: LOOP_METHODS,
}

/** All method names. The parser rejects other names. */
export const METHOD_NAMES: readonly string[] = [
  ...new Set(Object.values(METHODS).flatMap((table) => Object.keys(table))),
]

const IMMUTABLE_HINT = 'Values do not change. Write `{% set all = all + [item] %}`, within a loop by a `namespace()`.'
const FOREIGN_METHODS: { readonly [name: string]: string } = {
  ...Object.fromEntries(
    ['append', 'push', 'extend', 'insert', 'remove', 'pop', 'clear', 'sort'].map((name) => [name, IMMUTABLE_HINT]),
  ),
  ...Object.fromEntries(['update', 'setdefault'].map((name) => [name, 'Values do not change. Use a `namespace()`.'])),
  ...Object.fromEntries(['contains', 'includes'].map((name) => [name, "Write `'part' in text`."])),
  size: 'Write `value | length`.',
  loads: 'Write `text | from_json`.',
  dumps: 'Write `value | to_json`.',
  match: "Write `text | regex_search('pattern')`.",
  now: 'Write `execution.timestamp`.',
  toLowerCase: 'Did you mean `lower`?',
  toUpperCase: 'Did you mean `upper`?',
  next: 'There is no cycler. Within a loop, write `loop.cycle(…)`.',
  year: "Write `| date('%Y')`.",
}

export function unknownMethodHint(name: string): { readonly hint?: string } {
  return Object.hasOwn(FOREIGN_METHODS, name) ? { hint: FOREIGN_METHODS[name]! } : suggest(name, METHOD_NAMES)
}

/** The method of a value. A view has the methods of its list or map, and of its text. */
export function methodOf(value: unknown, name: string): TemplateOperation | undefined {
  if (loopStateOf(value)) return operationOf(LOOP_METHODS, name) ?? operationOf(MAP_METHODS, name)
  const inner = unwrapView(value)
  if (Array.isArray(inner) && operationOf(LIST_METHODS, name)) return operationOf(LIST_METHODS, name)
  if (isMap(inner) && operationOf(MAP_METHODS, name)) return operationOf(MAP_METHODS, name)
  if (viewOf(value) && name === 'get') return operationOf(MAP_METHODS, name)
  return typeof value === 'string' || viewOf(value) ? operationOf(TEXT_METHODS, name) : undefined
}
