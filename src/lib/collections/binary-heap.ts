/** Whether one comes out before another. */
type IsBefore<Item> = (one: Item, other: Item) => boolean

/** Inserts an item. The first item of the array is the minimum. */
export function pushTo<Item>(heap: Item[], item: Item, isBefore: IsBefore<Item>): void {
  let at = heap.push(item) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isBefore(item, heap[parent]!)) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = item
}

/** Removes and returns the minimum of a non-empty heap. */
export function takeFirst<Item>(heap: Item[], isBefore: IsBefore<Item>): Item {
  const first = heap[0]!
  const last = heap.pop()!
  if (heap.length > 0) sink(heap, last, isBefore)
  return first
}

function sink<Item>(heap: Item[], item: Item, isBefore: IsBefore<Item>): void {
  let at = 0
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
    if (!isBefore(heap[child]!, item)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = item
}
