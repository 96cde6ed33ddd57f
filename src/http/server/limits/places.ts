/** How many of each are inside at once. */
export interface Places {
  /** Lets one in, and returns how it leaves again; undefined when all places are taken. */
  enter(who: string): (() => void) | undefined
}

/** So many places for each. */
export function createPlaces(limit: number): Places {
  const inside = new Map<string, number>()
  const add = (who: string, change: 1 | -1) => {
    const count = (inside.get(who) ?? 0) + change
    if (count === 0) inside.delete(who)
    else inside.set(who, count)
  }
  return {
    enter(who) {
      if ((inside.get(who) ?? 0) >= limit) return undefined
      add(who, 1)
      let left = false
      return () => {
        if (left) return
        left = true
        add(who, -1)
      }
    },
  }
}
