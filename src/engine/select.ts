import { ownValue } from '../lib/own.ts'
import type { ActorListQuery, ListedActor } from './engine.ts'

/** Applies a query to listed actors. Sorted by key unless the query has a sort. */
export function selectListed<Item extends ListedActor>(
  listed: readonly Item[],
  query: ActorListQuery = {},
): readonly Item[] {
  const { after, at, prefix, sort, limit } = query
  const order = orderOf(query)
  const isBelow = ({ key }: Item) => prefix === undefined || (key.startsWith(prefix) && key.length > prefix.length)
  const isBehind = (place: SortPosition) => after === undefined || order(place, { key: after, at }) > 0
  return listed
    .filter(isBelow)
    .filter(whereFilter(query))
    .map((item) => ({ item, key: item.key, at: sort === undefined ? undefined : ownValue(item.index, sort) }))
    .filter(isBehind)
    .sort(order)
    .slice(0, limit)
    .map(({ item }) => item)
}

/** Whether one listed actor comes before another in the order of a query. */
export function listOrder(query: ActorListQuery): (one: ListedActor, other: ListedActor) => boolean {
  const order = orderOf(query)
  const at = ({ index }: ListedActor) => (query.sort === undefined ? undefined : ownValue(index, query.sort))
  return (one, other) => order({ key: one.key, at: at(one) }, { key: other.key, at: at(other) }) < 0
}

/** Whether a query selects something with these fields. */
export function whereFilter({ where = {} }: ActorListQuery): (item: Pick<ListedActor, 'index'>) => boolean {
  const wanted = Object.entries(where)
  return ({ index }) => wanted.every(([field, value]) => (ownValue(index, field) ?? null) === value)
}

type Field = string | number | undefined
type SortPosition = { readonly key: string; readonly at: Field }

/** Sorts by the field, then by key; keys always ascend. */
function orderOf({ sort, descending = false }: ActorListQuery): (a: SortPosition, b: SortPosition) => number {
  const direction = descending ? -1 : 1
  if (sort === undefined) return (a, b) => compare(a.key, b.key) * direction
  return (a, b) => compare(a.at, b.at) * direction || compare(a.key, b.key)
}

// the order of SQLite: missing fields first, then numbers, then texts
function compare(a: Field, b: Field): number {
  if (typeof a !== typeof b) return rankOf(a) - rankOf(b)
  return a! < b! ? -1 : a! > b! ? 1 : 0
}

const RANKS = ['undefined', 'number', 'string']
const rankOf = (field: Field) => RANKS.indexOf(typeof field)
