import type { ObjectSharedContext } from '@restatedev/restate-sdk'
import type { Json } from '../../../kernel/json.ts'
import type { Cell } from '../../../kernel/types.ts'
import type { NumberedEvent } from '../../engine.ts'
import { CELL_KEY, eventKey, partKey } from '../names.ts'
import { type CompactEntries, type OpenedState, openState, type StoredCell } from './compact-state.ts'

// shared handlers, which run concurrently with turns and read committed state

export const readCell = async (ctx: ObjectSharedContext): Promise<Cell | null> => (await hold(ctx)).cell ?? null

const hold = async (ctx: ObjectSharedContext): Promise<OpenedState> => openState(await ctx.get<StoredCell>(CELL_KEY))

export type PartsQuery = {
  readonly prefix: string
  readonly after: string
  readonly limit: number
  readonly exact?: boolean
}

export async function readParts(ctx: ObjectSharedContext, { prefix, ...query }: PartsQuery) {
  const { near } = await hold(ctx)
  return pageOf(near ? nearReader(near) : ctx, partKey(''), query, prefix)
}

/** Values by key, wherever they are stored. */
export type StateReader = { stateKeys(): PromiseLike<string[]>; get<T>(key: string): PromiseLike<T | null> }

function nearReader(near: CompactEntries): StateReader {
  return { stateKeys: async () => Object.keys(near), get: async <T>(key: string) => (near[key] ?? null) as T | null }
}

/** Values whose keys have the prefix `begin`, by the rest of the key. */
export async function pageOf(
  reader: StateReader,
  begin: string,
  { after, limit, exact }: Omit<PartsQuery, 'prefix'>,
  prefix = '',
): Promise<readonly (readonly [string, Json])[]> {
  if (exact) {
    // the keys of a large actor take long to list
    const single = await reader.get<Json>(begin + prefix)
    return single === null ? [] : [[prefix, single]]
  }
  const names = (await reader.stateKeys()).flatMap((key) => (key.startsWith(begin) ? [key.slice(begin.length)] : []))
  const wanted = names.filter((name) => name.startsWith(prefix) && name > after).sort()
  const page = wanted.slice(0, limit)
  const values = await Promise.all(page.map((name) => reader.get<Json>(begin + name)))
  return page.map((name, index) => [name, values[index] ?? null] as const)
}

/** An event and the message that published it. In another life of the actor, a number belongs to another message. */
export type StoredEvent = NumberedEvent & { readonly by?: string }

export type EventsQuery = { readonly after: number; readonly limit: number }
/** `last`: the last event's number; null: no such actor. `before`: the message that published the event before. */
export type EventsPage = {
  readonly last: number | null
  readonly before?: string
  readonly events: readonly StoredEvent[]
}

export async function readEvents(ctx: ObjectSharedContext, { after, limit }: EventsQuery): Promise<EventsPage> {
  const { cell, near } = await hold(ctx)
  if (!cell) return { last: null, events: [] }
  const count = Math.min(limit, cell.events - after)
  if (count <= 0) return { last: cell.events, events: [] }
  const keys = Array.from({ length: count + 1 }, (_, index) => eventKey(after + index))
  const reader: StateReader = near ? nearReader(near) : ctx
  const [before, ...events] = await Promise.all(keys.map((key) => reader.get<StoredEvent>(key)))
  const isThere = (event: StoredEvent | null) => event !== null
  return { last: cell.events, ...(before?.by && { before: before.by }), events: events.filter(isThere) }
}
