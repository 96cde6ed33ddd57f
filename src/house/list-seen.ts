import { type ListQuery, placeOf } from './paging.ts'
import type { SeenOwners } from './viewer.ts'

/** How the items of a list are sorted, and the cursor behind an item. */
type ListOrder<Item> = { readonly cursor: (item: Item) => string; readonly descending?: boolean }

/** The owners that a caller sees, or the one of these that a filter names. */
export const narrowed = (seen: SeenOwners, { owner }: { readonly owner?: unknown }): SeenOwners =>
  seen === 'all' || owner === undefined ? seen : seen.filter((one) => one === owner)

/** Lists the items of all owners that a caller sees, in one order. `list` gives the items of one owner, or of all. */
export async function listSeen<Item, Query extends Omit<ListQuery, 'owner'>>(
  seen: SeenOwners,
  query: Query,
  list: (query: Query & { readonly owner?: string }) => Promise<readonly Item[]>,
  { cursor, descending = false }: ListOrder<Item>,
): Promise<readonly Item[]> {
  if (seen === 'all') return list(query)
  if (seen.length === 1) return list({ ...query, owner: seen[0]! })
  const lists = await Promise.all(seen.map((owner) => list({ ...query, owner })))
  const placed = lists.flat().map((item) => ({ item, place: placeOf(cursor(item)) }))
  const direction = descending ? -1 : 1
  placed.sort((a, b) => compare(a.place.at, b.place.at) * direction || compare(a.place.key, b.place.key))
  return placed.slice(0, query.limit).map(({ item }) => item)
}

const compare = <T extends number | string>(a: T, b: T): number => (a < b ? -1 : Number(a > b))
