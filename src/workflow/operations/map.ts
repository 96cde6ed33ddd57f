import { InvalidError } from '../../errors.ts'
import { shown } from '../../lib/shown.ts'
import type { Mapped } from '../definition/context.ts'

/** How many items of `ctx.map` are at work when nothing says so. */
const DEFAULT_CONCURRENCY = 32

/** Calls a function for all items, some at once. It begins no item after a failure, unless it tolerates failures. */
export async function mapItems<Item, T>(
  items: readonly Item[],
  each: (item: Item, index: number) => Promise<T>,
  {
    concurrency = DEFAULT_CONCURRENCY,
    tolerate = false,
  }: { readonly concurrency?: number; readonly tolerate?: boolean } = {},
): Promise<readonly (T | Mapped<T>)[]> {
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new InvalidError(`ctx.map: concurrency: expected 1 or more, got ${shown(concurrency)}.`)
  const results: (T | Mapped<T>)[] = new Array(items.length)
  let next = 0
  let isOver = false
  async function work(): Promise<void> {
    while (next < items.length && !isOver) {
      const index = next++
      try {
        const value = await each(items[index]!, index)
        results[index] = tolerate ? { status: 'fulfilled', value } : value
      } catch (reason) {
        if (!tolerate) {
          isOver = true
          throw reason
        }
        results[index] = { status: 'rejected', reason: reason as Error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, work))
  return results
}
