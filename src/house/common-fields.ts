import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { json, maybe } from '../document.ts'
import { isFileId } from '../lib/media/file-ref.ts'
import { prioritySchema } from '../lib/priority-schema.ts'

export const values = z.record(z.string().max(256), json)

/** The name of an existing resource. */
export const id = z.string().min(1).max(1000)

/** Stands in ids of work that antiphon makes for a message. Neither conversation keys nor given ids contain it. */
export const OF_MESSAGE = '#message:'

/** An id chosen by the client. The server creates the resource once per id. */
export const givenId = z
  .string()
  .min(1)
  .max(128)
  // in a path, `.` and `..` mean this folder and its parent
  .refine((text) => text !== '.' && text !== '..', 'cannot be used in an address')
  .refine(
    (text) => text.isWellFormed() && !/\p{Cc}/u.test(text),
    'contains a control character or half a surrogate pair',
  )
  .refine((text) => !text.includes(OF_MESSAGE), 'is reserved for a message of a conversation')
  .meta({ description: 'chosen by the client; a repeated request creates nothing twice' })

/** A path that means the same in every process. */
export const absolutePath = z
  .string()
  .max(4096)
  .refine(isAbsolute, 'expected an absolute path')
  .meta({ description: 'absolute path on the server; only for its local user' })

const NO_ID = 'expected the id of a file, which PUT /v1/files gives'

export const storedFile = z.string().refine(isFileId, NO_ID)

export const messageFile = z
  .union([
    z
      .string()
      .max(4096)
      .refine((text) => isAbsolute(text) || isFileId(text), NO_ID),
    z.object({ file: z.string().refine(isFileId, NO_ID) }),
  ])
  .meta({ description: 'the id of a stored file, or an object with it; or an absolute path, only for the local user' })

/** Page query: page size and start position. */
export const page = {
  limit: z.coerce.number().int().min(1).max(1000).default(100).meta({ description: 'page size' }),
  after: maybe(z.string().min(1).max(2000)).meta({ description: '`next` of the previous page' }),
}

export const dollars = z.number().min(0).max(1_000_000_000).meta({ description: 'dollars' })

/** The context that a program gives to the tools of a piece of work. */
export const workContext = maybe(json).meta({
  description: 'JSON of at most 16 KiB for its tools: no model sees it. A visitor of a handler cannot send it',
})

/** How urgent work is. */
export const priority = maybe(prioritySchema).meta({
  description: 'how urgent its work is: critical, high, normal or low',
})

/** A page of a list. Pass `next` as `after` to get the following page; the last page has no `next`. */
export type Page<T> = { readonly items: readonly T[]; readonly next?: string }

export function listOf<T>(item: z.ZodType<T>): z.ZodType<Page<T>> {
  const next = maybe(z.string()).meta({
    description: 'pass it as `after` to get the next page; absent on the last page',
  })
  return z.object({ items: z.array(item), next })
}

/** Builds a page from at most `limit` rows. */
export function pageOf<T>(items: readonly T[], limit: number, cursorOf: (item: T) => string): Page<T> {
  return { items, ...(items.length >= limit && { next: cursorOf(items.at(-1)!) }) }
}
/** The fields of a waiting step that show what it is about. */
export const shownContent = {
  content: maybe(json).meta({
    description:
      'what it is about, short values first; long values of a content over 16 KiB are cut, except with `content=whole`',
  }),
  length: maybe(z.number()).meta({ description: 'present if the content is cut: its full length in characters' }),
  digest: maybe(z.string()).meta({
    description: 'digest of a content over 16 KiB, with `content=whole`; an approval must name it',
  }),
}
