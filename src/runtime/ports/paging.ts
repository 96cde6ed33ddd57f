import type { Query } from '../../engine/engine.ts'
import { InvalidError } from '../../errors.ts'
import { refOf } from '../../kernel/ref.ts'
import type { ActorRef } from '../../kernel/types.ts'
import type { InboxItem, LetterSummary, PipelineSummary, RunSummary, ThreadSummary } from '../ports.ts'
import { isStep } from './inbox.ts'

/** Behind which item a list goes on, to be given as `after`; it holds though that item has gone meanwhile. */
export const cursorOfRun = ({ startedAt, id }: Pick<RunSummary, 'startedAt' | 'id'>): string => encode(startedAt, id)
/** Behind which of what waits for people the list goes on. */
export const cursorOfItem = (item: InboxItem): string =>
  encode(item.since, isStep(item) ? `${item.run}.${item.step}` : item.thread)
/** Behind which thread the list goes on. */
export const cursorOfThread = ({ startedAt, id }: Pick<ThreadSummary, 'startedAt' | 'id'>): string =>
  encode(startedAt, id)
/** Behind which uploaded pipeline the list goes on. */
export const cursorOfPipeline = ({ owner, name }: Pick<PipelineSummary, 'owner' | 'name'>): string =>
  encode(undefined, `${owner}/${name}`)
/** Behind which dead letter the list goes on. */
export const cursorOfLetter = ({ at, id }: Pick<LetterSummary, 'at' | 'id'>): string => encode(at, id)

/** Where in a list by time a cursor points; InvalidError `bad_cursor` for what is none. */
export function placeIn(cursor: string | undefined): Pick<Query, 'after' | 'at'> {
  if (cursor === undefined) return {}
  const [at, after] = decode(cursor)
  if (at === null) throw noPlace(cursor)
  return { after, at }
}

/** Where in a list by name a cursor points; InvalidError `bad_cursor` for what is none. */
export function nameIn(cursor: string | undefined): Pick<Query, 'after'> {
  if (cursor === undefined) return {}
  const [at, after] = decode(cursor)
  if (at !== null) throw noPlace(cursor)
  return { after }
}

/** Where in a list by keys of its own a cursor points, which is one of these; InvalidError `bad_cursor` for what is none. */
export function keyIn(cursor: string | undefined, isKey: (text: string) => boolean): Pick<Query, 'after'> {
  if (cursor === undefined) return {}
  if (!isKey(cursor)) throw noPlace(cursor)
  return { after: cursor }
}

/** The actor behind which a list of actors goes on, by its name; InvalidError `bad_cursor` for what is none. */
export function actorIn(cursor: string): ActorRef {
  const of = refOf(cursor)
  if (!cursor.includes('/') || of.kind === '' || of.key === '') throw noPlace(cursor)
  return of
}

type Place = readonly [at: number | null, key: string]

function encode(at: number | undefined, key: string): string {
  return Buffer.from(JSON.stringify([at ?? null, key])).toString('base64url')
}

function decode(cursor: string): Place {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (isPlace(place)) return place
  } catch {
    // told below
  }
  throw noPlace(cursor)
}

function noPlace(cursor: string): InvalidError {
  const hint = 'give what came as `next` with the page before'
  return new InvalidError(`${cursor.slice(0, 100)} is no place in this list`, { code: 'bad_cursor', hint })
}

function isPlace(value: unknown): value is Place {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [at, key] = value as readonly unknown[]
  return (at === null || Number.isFinite(at)) && typeof key === 'string'
}
