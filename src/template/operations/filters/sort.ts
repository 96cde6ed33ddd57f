import { type RenderMachine, spendSteps } from '../../machine/machine.ts'
import { orderValues, valuesEqual } from '../../values/compare.ts'
import { inputText, printValue } from '../../values/values.ts'
import { type BoundArguments, flagArgument, type TemplateOperations } from '../operation.ts'
import { listFilter, requireAttribute } from './list.ts'

/** Filters that sort. Upper and lower case are equal unless stated otherwise. */
export const SORT_FILTERS: TemplateOperations = {
  sort: listFilter(
    'reverse? case_sensitive? attribute?',
    "The items in order; maps by a field, or by several: attribute='age,name'.",
    sort,
  ),
  unique: listFilter(
    'case_sensitive? attribute?',
    'Unique items; for maps, the first with each value of a field.',
    unique,
  ),
  min: listFilter('case_sensitive? attribute?', 'The smallest item; for maps, by a field.', (list, args, machine) =>
    sort(list, args, machine).at(0),
  ),
  max: listFilter('case_sensitive? attribute?', 'The largest item; for maps, by a field.', (list, args, machine) =>
    sort(list, { ...args, reverse: true }, machine).at(0),
  ),
  groupby: listFilter(
    'attribute default? case_sensitive?',
    'Maps grouped by a field: pairs of value and list, also as .grouper and .list.',
    groupBy,
  ),
}

function sort(list: readonly unknown[], args: BoundArguments, machine: RenderMachine): readonly unknown[] {
  const keyOf = keying(args, machine)
  const keys = list.map((item, index): [unknown, unknown] => [keyOf(item, index), item])
  const turn = flagArgument(args, 'reverse') ? -1 : 1
  keys.sort(([a], [b]) => {
    spendSteps(machine, 0.25)
    return orderValues(a, b, machine) * turn
  })
  return keys.map(([, item]) => item)
}

/** The comparison key: lower case unless case counts. */
export function caseFolding(args: BoundArguments, machine: RenderMachine): (key: unknown) => unknown {
  if (flagArgument(args, 'case_sensitive')) return (key) => key
  return (key) => (typeof key === 'string' ? inputText(key, machine).toLowerCase() : key)
}

/** The sort key of an item: itself, a field of it, or a list of several fields. */
function keying(args: BoundArguments, machine: RenderMachine): (item: unknown, index: number) => unknown {
  const fold = caseFolding(args, machine)
  if (args.attribute === undefined) return fold
  const read = (item: unknown, name: string, index: number) =>
    fold(requireAttribute(item, name, args.default, index, machine))
  const names = printValue(args.attribute, machine).split(',')
  if (names.length === 1) return (item, index) => read(item, names[0]!, index)
  return (item, index) => names.map((name) => read(item, name.trim(), index))
}

function unique(list: readonly unknown[], args: BoundArguments, machine: RenderMachine): readonly unknown[] {
  const keyOf = keying(args, machine)
  const seen = new Set<string>()
  return list.filter((item, index) => {
    const key = keyOf(item, index)
    const id = `${typeof key} ${printValue(key, machine)}`
    spendSteps(machine, 1 + id.length / 64)
    return !seen.has(id) && seen.add(id)
  })
}

/** Pairs of a key and its items, which also answer to `.grouper` and `.list`. */
function groupBy(list: readonly unknown[], args: BoundArguments, machine: RenderMachine): readonly unknown[] {
  const keyOf = keying(args, machine)
  const shownKey = keying({ ...args, case_sensitive: true }, machine)
  const groups: { readonly key: unknown; readonly value: unknown; readonly items: unknown[] }[] = []
  for (const [index, item] of sort(list, args, machine).entries()) {
    const last = groups.at(-1)
    const key = keyOf(item, index)
    if (last && valuesEqual(last.key, key, machine)) last.items.push(item)
    else groups.push({ key, value: shownKey(item, index), items: [item] })
  }
  return groups.map(({ value, items }) => Object.assign([value, items], { grouper: value, list: items }))
}
