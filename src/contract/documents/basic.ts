import { isAbsolute } from 'node:path'
import { z } from 'zod'
import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { prioritySchema } from '../../lib/priority-schema.ts'

/**
 * Any JSON value. The refinement only rejects `undefined`: parsed bodies and answers are JSON
 * already.
 */
export const json = z.unknown().refine((value) => value !== undefined, 'a value is expected') as z.ZodType<Json>

/**
 * An optional field. JSON and queries hold no `undefined`, so the field is either present or
 * absent.
 */
export function maybe<S extends z.ZodType>(schema: S): z.ZodExactOptional<S> {
  // the OpenAPI generator treats a field as optional if its schema accepts undefined
  return schema.optional() as z.ZodExactOptional<S>
}

export const values = z.record(z.string().max(256), json)

/** The name of an existing resource. */
export const id = z.string().min(1).max(1000)

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
  .meta({ description: 'chosen by the client; a repeated request creates nothing twice' })

/** A path that means the same in every process. */
export const absolutePath = z
  .string()
  .max(4096)
  .refine(isAbsolute, 'expected an absolute path')
  .meta({ description: 'absolute path on the server; only for its local user' })

/** Page query: page size and start position. */
export const page = {
  limit: z.coerce.number().int().min(1).max(1000).default(100).meta({ description: 'page size' }),
  after: maybe(z.string().min(1).max(2000)).meta({ description: '`next` of the previous page' }),
}

/** How urgent work is. */
export const priority = maybe(prioritySchema).meta({
  description: 'how urgent its work is: critical, high, normal or low',
})

export const time = z.number().meta({ description: 'ms since the epoch' })

/** The type that a schema reads, read-only. */
export type Plain<Schema extends z.ZodType> = Fixed<z.output<Schema>>
type Fixed<T> = Json extends T ? T : T extends object ? { readonly [Key in keyof T]: Fixed<T[Key]> } : T

/**
 * The schema of a type that a lower folder defines. It does not compile when only one of the two
 * has a field, be it an optional one, or when a field differs.
 */
export const schemaOf =
  <T>() =>
  <S extends z.ZodType>(schema: S & SameFields<z.output<S>, T>): z.ZodType<T> =>
    schema as z.ZodType<unknown> as z.ZodType<T>

type SameFields<A, B> = [Complete<A>] extends [Complete<B>]
  ? [Complete<B>] extends [Complete<A>]
    ? unknown
    : never
  : never
type Complete<T> = Json extends T ? T : T extends object ? { readonly [Key in keyof T]-?: Complete<T[Key]> } : T

/** An error as data. */
export const problem = schemaOf<Problem>()(
  z
    .object({
      code: z.string().meta({ description: 'stable; programs compare this' }),
      name: z.string(),
      message: z.string(),
      hint: maybe(z.string()),
      delay: maybe(z.number()).meta({ description: 'ms to wait before a retry' }),
      terminal: maybe(z.boolean()).meta({ description: 'a retry cannot succeed' }),
      stack: maybe(z.string()).meta({ description: 'stack frames in user code, one per line' }),
      bug: maybe(z.literal(true)).meta({ description: 'a bug in a program' }),
      data: maybe(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))).meta({
        description: 'facts for programs; the code says which',
      }),
    })
    .meta({ id: 'Problem' }),
)

/**
 * A page of a list. Pass `next` as `after` to get the following page; the last page has no `next`.
 */
export type Page<T> = { readonly items: readonly T[]; readonly next?: string }

/** The schema of a page. */
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
