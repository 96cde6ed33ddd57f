import type { ObjectContext, ObjectSharedContext } from '@restatedev/restate-sdk'
import type { Json } from '../../../kernel/json.ts'
import { CELL_KEY } from '../names.ts'
import type { Sdk } from '../sdk.ts'
import { type CompactEntries, openState, type StoredCell } from './compact-state.ts'
import { pageOf, type StateReader } from './read.ts'

export type StateEntry = readonly [key: string, value: Json]
type StateQuery = { readonly after: string; readonly limit: number }

/** The state of an object in key order. Items stored inside the cell get their own keys. */
export async function readState(ctx: ObjectSharedContext, query: StateQuery): Promise<readonly StateEntry[]> {
  const { cell, near = {} } = openState(await ctx.get<StoredCell>(CELL_KEY))
  return pageOf(apart(ctx, { ...near, ...(cell && { [CELL_KEY]: cell }) }), '', query)
}

function apart(ctx: ObjectSharedContext, known: CompactEntries): StateReader {
  return {
    stateKeys: async () => [...new Set([...(await ctx.stateKeys()), ...Object.keys(known)])],
    get: async <T>(key: string) => (known[key] as T | undefined) ?? ctx.get<T>(key),
  }
}

/** A node of an application; `filling` while the application is being moved to this node. */
type ImportingNode = { readonly sdk: Sdk; readonly filling?: true }

/** Adds entries to the state of an object while its application moves here. Refused once the application works. */
export async function writeState(
  node: ImportingNode,
  ctx: ObjectContext,
  entries: readonly StateEntry[],
): Promise<void> {
  if (!node.filling) throw new node.sdk.TerminalError('this application is in use and cannot be filled')
  for (const [key, value] of entries) ctx.set(key, value)
}
