import { pushTo, takeFirst } from './binary-heap.ts'

/** An item with its number of arrival. */
type Ordered = { readonly order: number }

/** A min-heap with lazy removal: dead items stay until they reach the top. */
interface LazyHeap<Item extends Ordered> {
  add(item: Item): void
  /** The first live item; undefined when there is none. */
  peek(): Item | undefined
}

/** `counts` says whether an item is still alive; `all` lists the live items for compaction. */
export function createLazyHeap<Item extends Ordered>(
  counts: (item: Item) => boolean,
  all: () => Iterable<Item>,
): LazyHeap<Item> {
  let heap: Item[] = []
  let known = new Set<Item>()
  let tidyAt = MIN_SIZE_TO_COMPACT

  // deleted items below the top would stay in memory until they reach it
  function tidy(): void {
    heap = [...all()].toSorted((a, b) => a.order - b.order)
    known = new Set(heap)
    tidyAt = Math.max(MIN_SIZE_TO_COMPACT, 2 * heap.length)
  }

  return {
    add(item) {
      if (heap.length >= tidyAt) tidy()
      if (known.has(item)) return
      known.add(item)
      pushTo(heap, item, isBefore)
    },
    peek() {
      while (heap.length > 0 && !counts(heap[0]!)) known.delete(takeFirst(heap, isBefore))
      return heap[0]
    },
  }
}

const MIN_SIZE_TO_COMPACT = 64

export const isBefore = (one: Ordered, other: Ordered) => one.order < other.order
