import type { Listed, Query } from './engine.ts'

/** What a query picks of listed actors, in its order; without a sort, by key. */
export function select(
  listed: readonly Listed[],
  { where = {}, after, sort, descending = false, limit }: Query = {},
): readonly Listed[] {
  const wanted = Object.entries(where)
  const picked = listed.filter(
    ({ key, index }) =>
      (after === undefined || key > after) && wanted.every(([field, value]) => index[field] === value),
  )
  const direction = descending ? -1 : 1
  const of = (item: Listed) => (sort === undefined ? item.key : item.index[sort])
  return picked.sort((a, b) => compare(of(a), of(b)) * direction || compare(a.key, b.key)).slice(0, limit)
}

type Field = string | number | undefined

// as databases do: who has no such field comes first, then numbers, then texts
function compare(a: Field, b: Field): number {
  if (typeof a !== typeof b) return rankOf(a) - rankOf(b)
  return a! < b! ? -1 : a! > b! ? 1 : 0
}

const RANKS = ['undefined', 'number', 'string']
const rankOf = (field: Field) => RANKS.indexOf(typeof field)
