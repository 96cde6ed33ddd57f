/** Lets some tasks go ahead at a time. Owners take turns, and none has all places: the burst of one delays no other. */
export function createTurns(places: number): <Result>(owner: string, task: () => Promise<Result>) => Promise<Result> {
  // in the order of their turns
  const owners = new Map<string, { running: number; readonly waiting: (() => void)[] }>()
  let taken = 0

  function dispatch(): void {
    for (const [owner, line] of owners) {
      if (taken === places) return
      if (line.waiting.length === 0 || line.running === places - 1) continue
      owners.delete(owner)
      owners.set(owner, line)
      line.running++
      taken++
      line.waiting.shift()!()
    }
  }

  return async (owner, task) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const line = owners.get(owner) ?? { running: 0, waiting: [] }
    owners.set(owner, line)
    line.waiting.push(resolve)
    dispatch()
    await promise
    try {
      return await task()
    } finally {
      line.running--
      taken--
      if (line.running + line.waiting.length === 0) owners.delete(owner)
      dispatch()
    }
  }
}

/** Items in the order in which their owners take turns: the first of each owner, then the second of each. */
export function inTurns<Item>(items: Iterable<Item>, ownerOf: (item: Item) => string): Item[] {
  const counts = new Map<string, number>()
  const ranked = [...items].map((item) => {
    const rank = counts.get(ownerOf(item)) ?? 0
    counts.set(ownerOf(item), rank + 1)
    return { item, rank }
  })
  return ranked.sort((a, b) => a.rank - b.rank).map(({ item }) => item)
}
