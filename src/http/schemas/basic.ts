import { isAbsolute } from 'node:path'
import { z } from 'zod'
import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'

/** Anything that JSON can say. What is parsed of a body or written as an answer is that already. */
export const json = z
  .unknown()
  .refine((value) => value !== undefined, 'a value is expected') as unknown as z.ZodType<Json>

/** What may be left out. JSON and queries hold nothing undefined, so it is there or it is not, as the type says. */
export function maybe<S extends z.ZodType>(schema: S): z.ZodExactOptional<S> {
  // the OpenAPI document knows what is optional by whether undefined would do
  return schema.optional() as unknown as z.ZodExactOptional<S>
}

/** Values by name. */
export const values = z.record(z.string().max(256), json)

/** What something is called that is there already. */
export const id = z.string().min(1).max(1000)

/** An id that who asks gives to what is made: it is made once. */
export const givenId = z
  .string()
  .min(1)
  .max(128)
  // in an address these are the folder itself and the one above
  .refine((text) => text !== '.' && text !== '..', 'no address can name this')
  .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'it holds a control character, or half a character')
  .meta({ description: 'made once under this id' })

/** A path that means the same in every process. */
export const absolutePath = z
  .string()
  .max(4096)
  .refine(isAbsolute, 'an absolute path is expected')
  .meta({ description: 'an absolute path on the machine of the server; for its local user alone' })

/** Which page of a list: how many at most, and behind which place. */
export const page = {
  limit: z.coerce.number().int().min(1).max(1000).default(100).meta({ description: 'how many at most' }),
  after: maybe(z.string().min(1).max(2000)).meta({ description: '`next` of the page before' }),
}

/** ms since the epoch. */
export const time = z.number().meta({ description: 'ms since the epoch' })

/** A fault as data. */
export const problem: z.ZodType<Problem> = z
  .object({
    code: z.string().meta({ description: 'stable: what programs tell faults apart by' }),
    name: z.string(),
    message: z.string(),
    hint: maybe(z.string()),
    delay: maybe(z.number()).meta({ description: 'ms after which it may be tried again' }),
    terminal: maybe(z.boolean()).meta({ description: 'no further try will do better' }),
    stack: maybe(z.string()).meta({ description: 'where in code of a user it was thrown: a frame per line' }),
    bug: maybe(z.literal(true)).meta({ description: 'a fault in a program' }),
  })
  .meta({ id: 'Problem' })

/** A page of a list; `next` is given as `after` for the one behind it, and absent on the last. */
export type Page<T> = { readonly items: readonly T[]; readonly next?: string }

/** The answer of a list. */
export function listOf<T>(item: z.ZodType<T>): z.ZodType<Page<T>> {
  const next = maybe(z.string()).meta({ description: 'give it as `after` for the next page; absent on the last one' })
  return z.object({ items: z.array(item), next })
}

/** The page that these are, of at most `limit`. */
export function pageOf<T>(items: readonly T[], limit: number, cursorOf: (item: T) => string): Page<T> {
  return { items, ...(items.length >= limit && { next: cursorOf(items.at(-1)!) }) }
}
