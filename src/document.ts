import { z } from 'zod'
import type { Problem } from './errors.ts'
import type { Json } from './kernel/json.ts'

// Parts of documents, which are what the API gives. A document is written once, as a zod schema in the room that makes
// it, and its type is inferred. A doc comment on a field of a schema is the doc comment of the field of the type.

/** Any JSON value. The refinement only rejects `undefined`: parsed bodies and answers are JSON already. */
export const json = z.unknown().refine((value) => value !== undefined, 'a value is expected') as z.ZodType<Json>

/** An optional field. JSON and queries hold no `undefined`, so the field is either present or absent. */
export function maybe<S extends z.ZodType>(schema: S): z.ZodExactOptional<S> {
  // the OpenAPI generator treats a field as optional if its schema accepts undefined
  return schema.optional() as z.ZodExactOptional<S>
}

export const time = z.number().meta({ description: 'ms since the epoch' })

/** The parts of the tokens of an input that a provider read from its cache, and wrote into it. */
export const cachedFields = {
  cacheRead: maybe(z.number().meta({ description: 'tokens of `input` read from the cache of the provider' })),
  cacheWrite: maybe(z.number().meta({ description: 'tokens of `input` written into it' })),
}

/** The type that a schema reads, read-only. */
export type Plain<Schema extends z.ZodType> = Fixed<z.output<Schema>>
type Fixed<T> = Json extends T ? T : T extends object ? { readonly [Key in keyof T]: Fixed<T[Key]> } : T

/**
 * Gives the fields of a schema a name: `interface StepFields extends Named<typeof stepFields> {}`. Declarations then
 * hold the fields once, with their doc comments, and a schema that contains itself has a type.
 */
export type Named<Fields> = Fields

/**
 * The schema of a type that a lower folder defines. It does not compile when only one of the two has a field, also an
 * optional one, or when a field differs.
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

const part = z.record(z.string(), json.optional())

/** The parts of an error beside its message. */
export const errorDetails = z
  .object({
    cause: maybe(part).meta({
      description: 'the error behind it, as name, message, code and details of its own; `{ value }` for anything else',
    }),
    errors: maybe(z.array(part)).meta({ description: 'the errors that an AggregateError joins, each as a cause' }),
    fields: maybe(part).meta({ description: 'its own fields that are JSON, at most 4 KiB' }),
  })
  .meta({ id: 'ErrorDetails' })

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
      at: maybe(z.string()).meta({ description: 'the place in user code that threw, as file:line:column' }),
      stack: maybe(z.string()).meta({ description: 'stack frames in user code, one per line, and the causes' }),
      bug: maybe(z.literal(true)).meta({ description: 'a bug in a program' }),
      data: maybe(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))).meta({
        description: 'facts for programs; the code says which',
      }),
      details: maybe(errorDetails),
    })
    .meta({ id: 'Problem' }),
)
