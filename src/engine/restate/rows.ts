import type { ObjectContext, ObjectSharedContext } from '@restatedev/restate-sdk'
import { childId } from '../../kernel/commit.ts'
import type { Json } from '../../kernel/schema.ts'
import type { DeadLetter } from '../engine.ts'
import { resumeOf } from '../stamp.ts'
import { deliver } from './carry-out.ts'
import type { Node } from './node.ts'
import { pageOf } from './read.ts'

/** Rows by key, on objects of which each is a shard: the index of actors, and dead letters. */
const rowKey = (key: string) => `row/${key}`

/** Writes a row; null removes it. */
export async function put(
  ctx: ObjectContext,
  { key, row }: { readonly key: string; readonly row: Json },
): Promise<void> {
  if (row === null) ctx.clear(rowKey(key))
  else ctx.set(rowKey(key), row)
}

export type RowsQuery = { readonly after: string; readonly limit: number }

/** Rows in the order of their keys. */
export function page(ctx: ObjectSharedContext, query: RowsQuery): Promise<readonly (readonly [string, Json])[]> {
  return pageOf(ctx, rowKey(''), query)
}

/** Removes a dead letter; false when there is none. */
export async function drop(ctx: ObjectContext, id: string): Promise<boolean> {
  const isThere = (await ctx.get(rowKey(id))) !== null
  ctx.clear(rowKey(id))
  return isThere
}

/** What became of a dead letter that was to be sent again: its new id, or why not. */
export type Retried = { readonly id: string } | { readonly missing: string }

/** Sends a dead letter again under a derived id, and resumes its actor. */
export async function retry({ names, actors, ...node }: Node, ctx: ObjectContext, id: string): Promise<Retried> {
  const row = await ctx.get<DeadLetter>(rowKey(id))
  if (!row) return { missing: `dead letter ${id}` }
  const { replyTo, ...letter } = row.letter
  if (!actors.has(letter.to.kind)) return { missing: `actor of kind ${letter.to.kind}` }
  const again = childId(id, 'retry')
  ctx.clear(rowKey(id))
  deliver({ names, actors, ...node }, ctx, resumeOf(letter))
  // who asked from outside has had the error for an answer
  const isAsked = replyTo && replyTo.kind !== 'reply'
  deliver({ names, actors, ...node }, ctx, { ...letter, id: again, ...(isAsked && { replyTo }) })
  return { id: again }
}
