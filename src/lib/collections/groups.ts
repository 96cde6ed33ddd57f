/** Items by a key of theirs, in the order in which they were added. */
interface Groups<Item> {
  add(item: Item): void
  /** False if it is not there. */
  delete(item: Item): boolean
  of(key: string): readonly Item[]
}

export function createGroups<Item>(keyOf: (item: Item) => string, first: Iterable<Item> = []): Groups<Item> {
  // most groups have one item
  const groups = new Map<string, Item[]>()

  function add(item: Item): void {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }

  for (const item of first) add(item)
  return {
    add,
    delete(item) {
      const key = keyOf(item)
      const group = groups.get(key)
      const at = group ? group.indexOf(item) : -1
      if (!group || at === -1) return false
      if (group.length === 1) groups.delete(key)
      else group.splice(at, 1)
      return true
    },
    of: (key) => groups.get(key) ?? [],
  }
}
