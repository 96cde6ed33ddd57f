/** Adds an item to the list of a key. */
export function addTo<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = lists.get(key)
  if (list) list.push(item)
  else lists.set(key, [item])
}

/** A name with its cost. */
type Cost = { readonly name: string; readonly cost: number }

/** The sums of each name that cost something, the largest first. Pure. */
export function sumsOf(spent: readonly Cost[]): readonly Cost[] {
  const sums = new Map<string, number>()
  for (const { name, cost } of spent) if (cost > 0) sums.set(name, (sums.get(name) ?? 0) + cost)
  return [...sums].map(([name, cost]) => ({ name, cost })).toSorted((a, b) => b.cost - a.cost)
}
