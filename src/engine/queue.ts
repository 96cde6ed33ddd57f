/** First in, first out, at the same cost for any length: an array's own `shift` moves all later items. */
export type Queue<Item> = { readonly items: (Item | undefined)[]; head: number }

export const createQueue = <Item>(): Queue<Item> => ({ items: [], head: 0 })

export const lengthOf = ({ items, head }: Queue<unknown>): number => items.length - head

export const itemsOf = <Item>({ items, head }: Queue<Item>) => items.slice(head) as readonly Item[]

/** The first item, which stays. */
export const firstOf = <Item>({ items, head }: Queue<Item>): Item | undefined => items[head]

export function push<Item>({ items }: Queue<Item>, item: Item): void {
  items.push(item)
}

/** Puts an item before all others. */
export function unshift<Item>(queue: Queue<Item>, item: Item): void {
  if (queue.head === 0) queue.items.unshift(item)
  else queue.items[--queue.head] = item
}

/** Takes the first item. */
export function shift<Item>(queue: Queue<Item>): Item | undefined {
  const { items, head } = queue
  if (head === items.length) return undefined
  const item = items[head]
  items[head] = undefined
  queue.head = head + 1
  if (queue.head > MIN_LENGTH_TO_COMPACT && queue.head * 2 > items.length) compact(queue)
  else if (queue.head === items.length && queue.head > MIN_HEAD_TO_COMPACT) empty(queue)
  return item
}

/** Removes one item; cheapest near the front. */
export function remove<Item>(queue: Queue<Item>, item: Item): void {
  const { items, head } = queue
  const at = items.indexOf(item, head)
  if (at === -1) return
  if (at > head) items.copyWithin(head + 1, head, at)
  shift(queue)
}

const MIN_LENGTH_TO_COMPACT = 1024
// emptying an array frees its memory, and the next item would allocate it again
const MIN_HEAD_TO_COMPACT = 64

function compact(queue: Queue<unknown>): void {
  queue.items.splice(0, queue.head)
  queue.head = 0
}

function empty(queue: Queue<unknown>): void {
  queue.items.length = 0
  queue.head = 0
}
