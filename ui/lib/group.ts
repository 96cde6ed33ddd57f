export function addTo<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = lists.get(key)
  if (list) list.push(item)
  else lists.set(key, [item])
}

/** A goal in a list. Its cost has that of the goals below it: a run of its rounds asked them, or it was handed over. */
type CostOfGoal = {
  readonly id: string
  readonly cost: number
  readonly parent?: { readonly run?: string; readonly goal?: string }
}

/** What each goal took itself, by its id. A run of a goal, and a goal below it, have its id before a dot. Pure. */
export function ownCosts(goals: readonly CostOfGoal[]): ReadonlyMap<string, number> {
  const own = new Map(goals.map(({ id, cost }) => [id, cost]))
  for (const { cost, parent } of goals) {
    let above = parent?.goal ?? parent?.run ?? ''
    while (above !== '' && !own.has(above)) above = above.slice(0, Math.max(0, above.lastIndexOf('.')))
    if (above !== '') own.set(above, rounded(own.get(above)! - cost))
  }
  return own
}

/** Dollars without the rest that a difference of fractions leaves. */
const rounded = (dollars: number) => Math.round(dollars * 1e9) / 1e9

type Cost = { readonly name: string; readonly cost: number }

/** The sums of each name that cost something, the largest first. Pure. */
export function sumsOf(spent: readonly Cost[]): readonly Cost[] {
  const sums = new Map<string, number>()
  for (const { name, cost } of spent) if (cost > 0) sums.set(name, (sums.get(name) ?? 0) + cost)
  return [...sums].map(([name, cost]) => ({ name, cost })).toSorted((a, b) => b.cost - a.cost)
}
