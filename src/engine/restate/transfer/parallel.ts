/** Concurrency hides the latency of the single requests. */
const MAX_IN_FLIGHT = 32

/** Maps items concurrently and yields the results in order. */
export async function* mapInOrder<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = []
  for await (const item of items) {
    const begun = work(item)
    // the error is handled when the caller awaits this item
    begun.catch(() => {})
    underWay.push(begun)
    if (underWay.length >= MAX_IN_FLIGHT) yield await underWay.shift()!
  }
  for (const begun of underWay) yield await begun
}

/** Runs the work for each item, several at once. */
export async function forEachConcurrently<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  for await (const _ of mapInOrder(items, work));
}
