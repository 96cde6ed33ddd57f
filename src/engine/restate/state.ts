import type { ObjectContext, ObjectSharedContext } from '@restatedev/restate-sdk'
import type { Json } from '../../kernel/schema.ts'
import type { Node } from './node.ts'
import { pageOf } from './read.ts'

/** A key of an object's state, and what it holds. */
export type StateEntry = readonly [key: string, value: Json]
export type StateQuery = { readonly after: string; readonly limit: number }

/** What an object holds, in the order of its keys. */
export function readState(ctx: ObjectSharedContext, query: StateQuery): Promise<readonly StateEntry[]> {
  return pageOf(ctx, '', query)
}

/** Adds to what an object holds, while its application is being moved here; refused from the moment that it works. */
export async function writeState(node: Node, ctx: ObjectContext, entries: readonly StateEntry[]): Promise<void> {
  if (!node.filling) throw new node.sdk.TerminalError('this application works: it cannot be filled')
  for (const [key, value] of entries) ctx.set(key, value)
}
