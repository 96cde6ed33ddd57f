import { fail } from '../machine/machine.ts'
import { fieldOf } from '../values/access.ts'
import { equals } from '../values/compare.ts'
import { behind, isMap, type MapValue, textOf } from '../values/values.ts'
import { viewOf } from '../view.ts'
import { FILTERS } from './filters.ts'
import { LOOP, loopStateOf } from './loop.ts'
import { type Operation, type Operations, operation, operationOf, suggest } from './operation.ts'
import { TEXT } from './text-methods.ts'

const list = (value: unknown) => behind(value) as readonly unknown[]

const LIST: Operations = {
  index: operation('item', 'Where the item stands first; fails when it does not.', (value, { item }, machine) => {
    const at = list(value).findIndex((other) => equals(other, item, machine))
    return at < 0 ? fail(machine, 'the list does not hold that item') : at
  }),
  count: operation('item', 'How often it holds the item.', (value, { item }, machine) => {
    return list(value).filter((other) => equals(other, item, machine)).length
  }),
  copy: operation('', 'The list itself: values do not change.', (value) => behind(value)),
}

const MAP: Operations = {
  get: operation('key default?', 'A field, or the default, or none.', (value, args, machine) => {
    const found = fieldOf(value, textOf(args.key, machine))
    return found === undefined ? (args.default ?? null) : found
  }),
  items: operationOf(FILTERS, 'items')!,
  keys: operationOf(FILTERS, 'keys')!,
  values: operationOf(FILTERS, 'values')!,
  copy: operation('', 'The map itself: values do not change.', (value) => behind(value) as MapValue),
}

/** Methods by what they belong to. */
export const METHODS: { readonly [kind in 'text' | 'list' | 'map' | 'loop']: Operations } = {
  text: TEXT,
  list: LIST,
  map: MAP,
  loop: LOOP,
}

/** All names of methods: what is none of them is refused when parsing. */
export const METHOD_NAMES: readonly string[] = [
  ...new Set(Object.values(METHODS).flatMap((table) => Object.keys(table))),
]

const NO_CHANGE = 'values do not change: {% set all = all + [item] %}, within a loop by a namespace()'
const ABSENT: { readonly [name: string]: string } = {
  ...Object.fromEntries(
    ['append', 'push', 'extend', 'insert', 'remove', 'pop', 'clear', 'sort'].map((name) => [name, NO_CHANGE]),
  ),
  ...Object.fromEntries(['update', 'setdefault'].map((name) => [name, 'values do not change: use a namespace()'])),
  ...Object.fromEntries(['contains', 'includes'].map((name) => [name, "write 'part' in text"])),
  size: 'write value | length',
  loads: 'write text | from_json',
  dumps: 'write value | to_json',
  match: "write text | regex_search('pattern')",
  now: 'write execution.timestamp',
  toLowerCase: "did you mean 'lower'?",
  toUpperCase: "did you mean 'upper'?",
  next: 'there is no cycler: within a loop write loop.cycle(…)',
  year: "write | date('%Y')",
}

/** What to say of a method that is not there. */
export function absentMethod(name: string): { readonly hint?: string } {
  return Object.hasOwn(ABSENT, name) ? { hint: ABSENT[name]! } : suggest(name, METHOD_NAMES)
}

/** The method of that name on such a value: a view has those of the list or map it stands for, and of its text. */
export function methodOf(value: unknown, name: string): Operation | undefined {
  if (loopStateOf(value)) return operationOf(LOOP, name) ?? operationOf(MAP, name)
  const inner = behind(value)
  if (Array.isArray(inner) && operationOf(LIST, name)) return operationOf(LIST, name)
  if (isMap(inner) && operationOf(MAP, name)) return operationOf(MAP, name)
  if (viewOf(value) && name === 'get') return operationOf(MAP, name)
  return typeof value === 'string' || viewOf(value) ? operationOf(TEXT, name) : undefined
}
