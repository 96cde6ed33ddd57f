import type { ActorListQuery, EngineView, ListedActor } from '../engine/engine.ts'
import { InvalidError } from '../errors.ts'
import { tryParse } from '../kernel/json.ts'
import { type ActorRef, parseRef } from '../kernel/ref.ts'

/** Actors that one list has. */
const PAGE = 1000

/** All actors of a kind with such an index, page by page. */
export async function* listAll(
  view: Pick<EngineView, 'list'>,
  kind: string,
  where: NonNullable<ActorListQuery['where']>,
): AsyncGenerator<ListedActor> {
  for (let after: { readonly after?: string } = {}; ; ) {
    const page = await view.list(kind, { where, limit: PAGE, ...after })
    yield* page
    if (page.length < PAGE) return
    after = { after: page.at(-1)!.key }
  }
}

/** The position of a cursor in a list by time; InvalidError `bad_cursor` if it is not a cursor. */
export function placeIn(cursor: string | undefined): Pick<ActorListQuery, 'after' | 'at'> {
  if (cursor === undefined) return {}
  const [at, after] = decode(cursor)
  if (at === null) throw noPlace(cursor)
  return { after, at }
}

/** The position of a cursor in a list by name; InvalidError `bad_cursor` if it is not a cursor. */
export function nameIn(cursor: string | undefined): Pick<ActorListQuery, 'after'> {
  if (cursor === undefined) return {}
  const [at, after] = decode(cursor)
  if (at !== null) throw noPlace(cursor)
  return { after }
}

/** The position of a cursor in a list with its own keys. InvalidError `bad_cursor` if it has none. */
export function keyIn(cursor: string | undefined, isKey: (text: string) => boolean): Pick<ActorListQuery, 'after'> {
  if (cursor === undefined) return {}
  if (!isKey(cursor)) throw noPlace(cursor)
  return { after: cursor }
}

/** The actor after which a list continues. InvalidError `bad_cursor` if the cursor names none. */
export function actorIn(cursor: string): ActorRef {
  const of = parseRef(cursor)
  if (!cursor.includes('/') || of.kind === '' || of.key === '') throw noPlace(cursor)
  return of
}

/** The cursor of an item in a list by start. It stays valid when that item is removed. */
export const byStart = ({ startedAt, id }: { readonly startedAt: number; readonly id: string }): string =>
  encodeCursor(startedAt, id)

type CursorPosition = readonly [at: number | null, key: string]

/** A cursor: the time by which a list is sorted (absent in a list sorted by name), and the key of the item. */
export function encodeCursor(at: number | undefined, key: string): string {
  return Buffer.from(JSON.stringify([at ?? null, key])).toString('base64url')
}

/** The place that a cursor names; in a list sorted by name, the time is 0. InvalidError `bad_cursor`. */
export function placeOf(cursor: string): { readonly at: number; readonly key: string } {
  const [at, key] = decode(cursor)
  return { at: at ?? 0, key }
}

function decode(cursor: string): CursorPosition {
  const place = tryParse(Buffer.from(cursor, 'base64url').toString())
  if (isPlace(place)) return place
  throw noPlace(cursor)
}

function noPlace(cursor: string): InvalidError {
  const hint = 'Give the `next` of the page before.'
  return new InvalidError(`${cursor.slice(0, 100)} is not a position in this list.`, { code: 'bad_cursor', hint })
}

function isPlace(value: unknown): value is CursorPosition {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [at, key] = value as readonly unknown[]
  return (at === null || Number.isFinite(at)) && typeof key === 'string'
}

/** A page request: all items or those of one owner, after a cursor, at most `limit` (100). A shorter page is last. */
export type ListQuery = { readonly owner?: string; readonly after?: string; readonly limit?: number }

/** The cursor after which a page begins (`next` of the page before), and the maximum size of a page. */
export type PageQuery = Omit<ListQuery, 'owner'>
