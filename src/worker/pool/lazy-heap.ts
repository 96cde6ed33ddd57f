import { pushTo, takeFirst } from '../../lib/binary-heap.ts'

/** Something that came before or after others. */
export type Aged = { readonly order: number }

/** Tells which of its members came first, of those that still count: a heap from which nothing is taken until it comes to the top. */
export interface Oldest<Item extends Aged> {
  add(item: Item): void
  /** The first of them; undefined when there is none. */
  peek(): Item | undefined
}

/** `counts` says whether an item is still to be looked at; `all` are those to keep when there is too much else. */
export function createOldest<Item extends Aged>(
  counts: (item: Item) => boolean,
  all: () => Iterable<Item>,
): Oldest<Item> {
  let heap: Item[] = []
  let known = new Set<Item>()
  let tidyAt = MANY

  // what was taken away below the top would stay in memory until it comes there
  function tidy(): void {
    heap = [...all()].toSorted((a, b) => a.order - b.order)
    known = new Set(heap)
    tidyAt = Math.max(MANY, 2 * heap.length)
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

const MANY = 64

export const isBefore = (one: Aged, other: Aged) => one.order < other.order
