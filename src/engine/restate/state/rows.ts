import type { ObjectContext, ObjectSharedContext } from '@restatedev/restate-sdk'
import type { Json } from '../../../kernel/json.ts'

// rows by key, stored on objects that are shards: the index of actors, and dead letters

export const rowKey = (key: string) => `row/${key}`

/** Writes a row; null removes it. */
export async function put(
  ctx: ObjectContext,
  { key, row }: { readonly key: string; readonly row: Json },
): Promise<void> {
  if (row === null) ctx.clear(rowKey(key))
  else ctx.set(rowKey(key), row)
}

/** Writes a row unless there is another one than `over`. Resolves with the stored row. */
export async function claim(
  ctx: ObjectContext,
  { key, row, over = null }: { readonly key: string; readonly row: Json; readonly over?: Json },
): Promise<Json> {
  const stored = await ctx.get<Json>(rowKey(key))
  if (stored !== null && stored !== over) return stored
  ctx.set(rowKey(key), row)
  return row
}

/** Removes a row; false if it does not exist. When two callers remove it at once, only one gets true. */
export async function drop(ctx: ObjectContext, key: string): Promise<boolean> {
  const isThere = (await ctx.get(rowKey(key))) !== null
  ctx.clear(rowKey(key))
  return isThere
}

export const get = (ctx: ObjectSharedContext, key: string): Promise<Json> => ctx.get<Json>(rowKey(key))
