import { hash } from 'node:crypto'
import { z } from 'zod'
import { json, maybe, type Plain, time } from '../document.ts'
import { MEMORY_LIMITS } from './limits.ts'
import { TIERS } from './tier/decide.ts'

const isPlain = (text: string) => text.isWellFormed() && !/\p{Cc}/u.test(text)
const PLAIN = 'expected a text without control characters'

/** A space: a path such as `work/alpha`; the empty path is the root. */
const spaceSchema = z
  .string()
  .max(500)
  .refine((path) => path === '' || path.split('/').every((part) => part.trim() !== ''), {
    error: 'expected a path such as work/alpha, without a slash at its ends',
  })
  .refine(isPlain, PLAIN)

/** A kind: `note`, `fact`, `passage`, or a name of the user's own. */
const kindSchema = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/, 'expected a name such as note or fact')

/** The subject of a fact. */
const subjectSchema = z.string().min(1).max(500).refine(isPlain, PLAIN)

const MAX_ID = 200

export const recordIdSchema = z
  .string()
  .min(1)
  .max(MAX_ID)
  .refine((id) => id !== '.' && id !== '..' && isPlain(id), 'expected an id without control characters')

/** A text from outside as a record can hold it: half characters and NUL are replaced. */
export const recordText = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd')

/** An id for something that has a name of any length. */
export const recordIdFor = (name: string): string =>
  name.length <= MAX_ID ? name : `m_${hash('sha256', name, 'base64url').slice(0, 22)}`

const instant = z.int().min(-8.64e15).max(8.64e15).meta({ description: 'ms since the epoch' })
const fitsIn = (bytes: number) => (text: string) => Buffer.byteLength(text) <= bytes

/** A record as a caller gives it. */
export const newRecordSchema = z
  .strictObject({
    id: maybe(recordIdSchema).meta({ description: 'absent: follows from the content' }),
    space: maybe(spaceSchema).meta({ description: 'a path such as work/alpha; absent: the root' }),
    kind: maybe(kindSchema).meta({ description: 'default: fact with a subject, else note' }),
    text: z
      .string()
      .refine((text) => text.trim() !== '', 'expected a text, got an empty one')
      .refine((text) => text.isWellFormed(), 'expected a text without half surrogate pairs')
      // SQLite ends a text there
      .refine((text) => !text.includes('\0'), 'expected a text without NUL characters')
      .refine(fitsIn(MEMORY_LIMITS.text), 'expected at most 256 KiB of text'),
    data: maybe(
      json.refine((data) => fitsIn(MEMORY_LIMITS.data)(JSON.stringify(data)), 'expected at most 16 KiB of JSON'),
    ),
    subject: maybe(subjectSchema).meta({ description: 'what a fact is about; a newer fact ends an older one' }),
    importance: maybe(z.number().min(0).max(1)).meta({ description: '0 to 1; raises it in results' }),
    pinned: maybe(z.boolean()),
    validFrom: maybe(instant).meta({ description: 'since when a fact is true; default: now' }),
    validTo: maybe(instant).meta({ description: 'until when a fact is true' }),
    expires: maybe(instant).meta({ description: 'erased after this time' }),
  })
  .refine(({ subject, kind = 'fact' }) => subject === undefined || kind === 'fact', {
    path: ['kind'],
    error: 'expected kind fact, since the record has a subject',
  })
  .refine(({ subject, kind }) => subject !== undefined || kind !== 'fact', {
    path: ['subject'],
    error: 'expected a subject, since the record is a fact',
  })
  .refine(({ subject, validFrom, validTo }) => subject !== undefined || (validFrom ?? validTo) === undefined, {
    path: ['subject'],
    error: 'expected a subject, since validFrom and validTo belong to facts',
  })
  .refine(({ validFrom = Number.NEGATIVE_INFINITY, validTo = Number.POSITIVE_INFINITY }) => validFrom < validTo, {
    path: ['validTo'],
    error: 'expected a time after validFrom',
  })
  .refine(({ validFrom = Number.NEGATIVE_INFINITY, expires = Number.POSITIVE_INFINITY }) => validFrom < expires, {
    path: ['expires'],
    error: 'expected a time after validFrom',
  })

/** A record as a caller gives it; the limits are in `MEMORY_LIMITS`. */
export type NewRecord = Plain<typeof newRecordSchema>

/** The parts that a record was made of: ids of records, and names of files and pages. */
const madeOf = z.object({ records: z.array(z.string()), files: z.array(z.string()) })
export type MadeOf = Plain<typeof madeOf>

/** Where a record came from: `run` is a step of a pipeline. The runtime sets it, never a remote caller. */
export const recordSource = z.object({
  type: z.enum(['user', 'file', 'web', 'ask', 'goal', 'model', 'run']),
  ref: maybe(z.string()).meta({ description: 'path or URL' }),
  at: maybe(z.string()).meta({ description: 'lines or page' }),
  hash: maybe(z.string()),
  run: maybe(z.string()).meta({ description: 'the run that wrote it' }),
  madeOf: maybe(madeOf).meta({
    description: 'records and files that an answer was made of; it is forgotten with them',
  }),
})

export type RecordSource = Plain<typeof recordSource>

export const recordFields = {
  id: z.string(),
  space: z.string(),
  kind: z.string(),
  text: z.string(),
  data: maybe(json),
  subject: maybe(z.string()),
  importance: maybe(z.number()),
  pinned: z.boolean(),
  source: recordSource,
  learnedAt: time,
  validFrom: maybe(time),
  validTo: maybe(time).meta({ description: 'when a newer fact or its own end makes a fact untrue' }),
  endedAt: maybe(time).meta({ description: 'when that end became known' }),
  expires: maybe(time),
  tier: z.enum(TIERS),
}

/** A record with its times, in ms since the epoch. */
export type MemoryRecord = Plain<z.ZodObject<typeof recordFields>>

/** Exact filters. Without `asOf` and `knownAt`, facts are those that hold now, as known now. */
export const recordFilter = {
  space: maybe(spaceSchema).meta({ description: 'this space and all below it' }),
  kind: maybe(kindSchema),
  source: maybe(z.string()).meta({ description: 'path or URL of the source' }),
  subject: maybe(subjectSchema),
  asOf: maybe(z.number()).meta({ description: 'the facts that are true at this time' }),
  knownAt: maybe(z.number()).meta({ description: 'as it was known at this time' }),
  since: maybe(z.number()).meta({ description: 'learned at or after this time' }),
  until: maybe(z.number()).meta({ description: 'learned before this time' }),
  tier: maybe(z.enum(TIERS)),
} as const

/** Exact filters of a list or a search. `where`: fields of the JSON by dotted path. */
export type RecordFilter = Plain<z.ZodObject<typeof recordFilter>> & {
  readonly pinned?: boolean
  /** leaves out the `hidden` spaces, except those in `reads` */
  readonly reader?: { readonly hidden: readonly string[]; readonly reads?: string }
  readonly where?: { readonly [path: string]: string | number | boolean }
}
