import type { Clock } from '../engine.ts'

/** Releases waiters when their batch is on disk, in order and in chunks. */
export interface ReleaseQueue {
  /** Calls `leave` for each item, for the first chunk at once. `later`: behind the work of what was released before. */
  add<Item>(items: readonly Item[], leave: (item: Item) => void, later?: boolean): void
  /** Whether items are still waiting. */
  readonly pending: boolean
}

/** Items released at a time: the first chunk's follow-up writes join the next flush before the others do their work. */
const RELEASE_CHUNK = 32

type Group = { readonly items: readonly unknown[]; readonly leave: (item: never) => void }

export function createReleaseQueue(clock: Clock): ReleaseQueue {
  const groups: Group[] = []
  let next = 0

  function leaveSome(): void {
    for (let left = RELEASE_CHUNK; left > 0 && groups[0]; left--) leaveOne(groups[0])
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
