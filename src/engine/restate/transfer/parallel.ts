/** So many at once: servers take their time over each. */
const WIDTH = 32

/** What comes of each item, in their order; some of it is under way at once. */
export async function* inOrderOf<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = []
  for await (const item of items) {
    const begun = work(item)
    // it is looked at in its turn
    begun.catch(() => {})
    underWay.push(begun)
    if (underWay.length >= WIDTH) yield await underWay.shift()!
  }
  for (const begun of underWay) yield await begun
}

/** Does the work of each item; some of it is under way at once. */
export async function forEachOf<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  for await (const _ of inOrderOf(items, work));
}
