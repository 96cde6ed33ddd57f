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
      rise(heap, item)
    },
    peek() {
      while (heap.length > 0 && !counts(heap[0]!)) known.delete(takeFirst(heap))
      return heap[0]
    },
  }
}

const MANY = 64

function rise<Item extends Aged>(heap: Item[], item: Item): void {
  let at = heap.push(item) - 1
  while (at > 0) {
    const above = (at - 1) >> 1
    if (heap[above]!.order <= item.order) break
    heap[at] = heap[above]!
    at = above
  }
  heap[at] = item
}

function takeFirst<Item extends Aged>(heap: Item[]): Item {
  const first = heap[0]!
  const last = heap.pop()!
  if (heap.length > 0) sink(heap, last)
  return first
}

function sink<Item extends Aged>(heap: Item[], item: Item): void {
  let at = 0
  for (;;) {
    let below = at * 2 + 1
    if (below >= heap.length) break
    if (below + 1 < heap.length && heap[below + 1]!.order < heap[below]!.order) below++
    if (heap[below]!.order >= item.order) break
    heap[at] = heap[below]!
    at = below
  }
  heap[at] = item
}
