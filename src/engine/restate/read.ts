import type { ObjectSharedContext } from '@restatedev/restate-sdk'
import type { Json } from '../../kernel/schema.ts'
import type { Cell } from '../../kernel/types.ts'
import type { Numbered } from '../engine.ts'
import { CELL, eventKey, partKey } from './names.ts'

// handlers that run beside a turn, and see what is committed

/** The cell, or null. */
export const readCell = (ctx: ObjectSharedContext): Promise<Cell | null> => ctx.get<Cell>(CELL)

export type PartsQuery = { readonly prefix: string; readonly after: string; readonly limit: number }

/** Parts by name. */
export function readParts(ctx: ObjectSharedContext, { prefix, ...query }: PartsQuery) {
  return pageOf(ctx, partKey(''), query, prefix)
}

/** Values whose keys begin with `begin`, by the rest of their keys. */
export async function pageOf(
  ctx: ObjectSharedContext,
  begin: string,
  { after, limit }: { readonly after: string; readonly limit: number },
  prefix = '',
): Promise<readonly (readonly [string, Json])[]> {
  const names = (await ctx.stateKeys()).flatMap((key) => (key.startsWith(begin) ? [key.slice(begin.length)] : []))
  const wanted = names.filter((name) => name.startsWith(prefix) && name > after).sort()
  const page = wanted.slice(0, limit)
  const values = await Promise.all(page.map((name) => ctx.get<Json>(begin + name)))
  return page.map((name, index) => [name, values[index] ?? null] as const)
}

/** An event, and the message whose turn told it: in another life of the actor another one tells the event of that number. */
export type KeptEvent = Numbered & { readonly by?: string }

export type EventsQuery = { readonly after: number; readonly limit: number }
/** `last`: the number of the last event there is; null: there is no actor. `before`: who told the one that these come after, when there are any. */
export type EventsPage = {
  readonly last: number | null
  readonly before?: string
  readonly events: readonly KeptEvent[]
}

/** Events after a number. */
export async function readEvents(ctx: ObjectSharedContext, { after, limit }: EventsQuery): Promise<EventsPage> {
  const cell = await ctx.get<Cell>(CELL)
  if (!cell) return { last: null, events: [] }
  const count = Math.min(limit, cell.events - after)
  if (count <= 0) return { last: cell.events, events: [] }
  const keys = Array.from({ length: count + 1 }, (_, index) => eventKey(after + index))
  const [before, ...events] = await Promise.all(keys.map((key) => ctx.get<KeptEvent>(key)))
  const isThere = (event: KeptEvent | null) => event !== null
  return { last: cell.events, ...(before?.by && { before: before.by }), events: events.filter(isThere) }
}
