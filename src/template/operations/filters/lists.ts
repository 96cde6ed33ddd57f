import { fail, type Machine, spend, spendItems } from '../../evaluate/machine.ts'
import { suggest } from '../../parse/suggest.ts'
import { fieldAt } from '../../values/access.ts'
import { charactersOf, lengthOf } from '../../values/characters.ts'
import { equals, order } from '../../values/compare.ts'
import { behind, inputText, isMap, isTruthy, kindOf, listOf, textOf } from '../../values/values.ts'
import { viewOf } from '../../view.ts'
import { flagArgument, textArgument, wholeArgument } from '../arguments.ts'
import { CHECKS } from '../checks.ts'
import { type Bound, bind, type Operation, type Operations, operation, operationOf } from '../operation.ts'

/** A filter that works on a list: keys of a map, characters of a text. */
function onList(
  parameters: string,
  apply: (list: readonly unknown[], args: Bound, machine: Machine) => unknown,
): Operation {
  return operation(parameters, (value, args, machine) => apply(listOf(value, machine), args, machine))
}

const length = operation('', (value, _args, machine) => measure(value, machine))

/** Filters that take lists. */
export const LISTS: Operations = {
  length,
  count: length,
  list: onList('', (list) => [...list]),
  first: onList('', (list) => list[0]),
  last: onList('', (list) => list.at(-1)),
  join: onList('d attribute', join),
  reverse: operation('', reverse),
  sort: onList('reverse case_sensitive attribute', sort),
  unique: onList('case_sensitive attribute', unique),
  min: onList('case_sensitive attribute', (list, args, machine) => sort(list, args, machine)[0]),
  max: onList('case_sensitive attribute', (list, args, machine) => sort(list, args, machine).at(-1)),
  select: onList('check *arguments', (list, args, machine) => pick(list, args, true, machine)),
  reject: onList('check *arguments', (list, args, machine) => pick(list, args, false, machine)),
  selectattr: onList('attribute check *arguments', (list, args, machine) => pick(list, args, true, machine)),
  rejectattr: onList('attribute check *arguments', (list, args, machine) => pick(list, args, false, machine)),
  groupby: onList('attribute default', groupBy),
  batch: onList('count fill', batch),
}

/** The items of a list, the fields of a map, the characters of a text; a view counts its list or else its text. */
function measure(value: unknown, machine: Machine): number {
  const inner = behind(value)
  if (Array.isArray(inner)) return inner.length
  if (isMap(value)) return listOf(value, machine).length
  if (typeof value === 'string' || viewOf(value)) return lengthOf(inputText(value, machine), machine)
  return fail(machine, `${kindOf(value)} has no length`)
}

function join(list: readonly unknown[], args: Bound, machine: Machine): string {
  const parts = args.attribute === undefined ? list : list.map((item) => fieldAt(item, args.attribute))
  const texts = parts.map((part) => inputText(part, machine))
  return texts.join(textArgument(args, 'd', ', ', machine))
}

function reverse(value: unknown, _args: Bound, machine: Machine): unknown {
  if (Array.isArray(behind(value)) || isMap(value)) return listOf(value, machine).toReversed()
  return [...charactersOf(inputText(value, machine), machine)].reverse().join('')
}

function sort(list: readonly unknown[], args: Bound, machine: Machine): readonly unknown[] {
  const keys = list.map((item): [unknown, unknown] => [sortKey(item, args), item])
  keys.sort(([a], [b]) => {
    spend(machine, 0.25)
    return order(a, b, machine)
  })
  const sorted = keys.map(([, item]) => item)
  return flagArgument(args, 'reverse') ? sorted.reverse() : sorted
}

/** Upper and lower case are the same unless asked otherwise. */
function sortKey(item: unknown, args: Bound): unknown {
  const key = args.attribute === undefined ? item : fieldAt(item, args.attribute)
  return typeof key === 'string' && !flagArgument(args, 'case_sensitive') ? key.toLowerCase() : key
}

function unique(list: readonly unknown[], args: Bound, machine: Machine): readonly unknown[] {
  const seen = new Set<string>()
  return list.filter((item) => {
    const key = sortKey(item, args)
    const id = `${typeof key} ${textOf(key, machine)}`
    spend(machine, 1 + id.length / 64)
    return !seen.has(id) && seen.add(id)
  })
}

function pick(list: readonly unknown[], args: Bound, wanted: boolean, machine: Machine): readonly unknown[] {
  const holds = checker(args, machine)
  return list.filter((item) => holds(args.attribute === undefined ? item : fieldAt(item, args.attribute)) === wanted)
}

/** What is not there passes no check but those that ask for it. */
function checker({ check, arguments: rest }: Bound, machine: Machine): (value: unknown) => boolean {
  if (check === undefined) return isTruthy
  const name = COMPARISONS.get(textOf(check, machine)) ?? textOf(check, machine)
  const found = operationOf(CHECKS, name)
  if (!found) return fail(machine, `unknown check '${name}'`, suggest(name, Object.keys(CHECKS)).hint)
  const bound = bind(name, found, rest as readonly unknown[], [], machine)
  return (value) => {
    spend(machine, 1)
    return (value !== undefined || found.lenient === true) && found.apply(value, bound, machine) === true
  }
}
const COMPARISONS: ReadonlyMap<string, string> = new Map([
  ['==', 'eq'],
  ['!=', 'ne'],
  ['<', 'lt'],
  ['<=', 'le'],
  ['>', 'gt'],
  ['>=', 'ge'],
])

/** Pairs of a key and its items, which also answer to `.grouper` and `.list`. */
function groupBy(list: readonly unknown[], args: Bound, machine: Machine): readonly unknown[] {
  const keyOf = (item: unknown) => fieldAt(item, args.attribute) ?? args.default ?? null
  const groups: { readonly key: unknown; readonly items: unknown[] }[] = []
  for (const item of sort(list, { attribute: args.attribute, case_sensitive: true }, machine)) {
    const last = groups.at(-1)
    if (last && equals(last.key, keyOf(item), machine)) last.items.push(item)
    else groups.push({ key: keyOf(item), items: [item] })
  }
  return groups.map(({ key, items }) => Object.assign([key, items], { grouper: key, list: items }))
}

function batch(list: readonly unknown[], args: Bound, machine: Machine): readonly unknown[] {
  const size = Math.max(wholeArgument(args, 'count', 1, machine), 1)
  const rows = Array.from({ length: Math.ceil(list.length / size) }, (_row, index) =>
    list.slice(index * size, (index + 1) * size),
  )
  const last = rows.at(-1)
  if (args.fill === undefined || !last) return rows
  spendItems(machine, size)
  return [...rows.slice(0, -1), [...last, ...Array.from({ length: size - last.length }, () => args.fill)]]
}
