import type { Clock } from '../engine.ts'

/** Lets go of what waited for the disk, in order. */
export interface Departures {
  /** Each item leaves by that function, the first few at once; `later`: when what left before has done its work. */
  add<Item>(items: readonly Item[], leave: (item: Item) => void, later?: boolean): void
  /** Some are still to leave. */
  readonly pending: boolean
}

/** So many leave at a time: what follows from them can be on its way to the disk before the others do their work. */
const AT_ONCE = 32

type Group = { readonly items: readonly unknown[]; readonly leave: (item: never) => void }

export function createDepartures(clock: Clock): Departures {
  const groups: Group[] = []
  let next = 0

  function leaveSome(): void {
    for (let left = AT_ONCE; left > 0 && groups[0]; left--) leaveOne(groups[0])
    if (groups.length > 0) clock.soon(leaveSome)
  }

  function leaveOne({ items, leave }: Group): void {
    leave(items[next++] as never)
    if (next < items.length) return
    groups.shift()
    next = 0
  }

  return {
    add(items, leave, later = false) {
      if (items.length === 0 || groups.push({ items, leave }) > 1) return
      if (later) clock.soon(leaveSome)
      else leaveSome()
    },
    get pending() {
      return groups.length > 0
    },
  }
}
