import { z } from 'zod'
import { maybe } from '../../document.ts'
import { InvalidError } from '../../errors.ts'
import { parseNow } from '../../kernel/schema.ts'
import { timeSpanSchema } from '../../lib/time/span-schema.ts'

/** The most runs and goals of one key that work at once, and that begin in a minute. */
const MAX_SLOTS = 200
const MAX_PER_MINUTE = 1000
/** The longest delay, in seconds. */
const MAX_DELAY = 366 * 86_400
const MAX_DEBOUNCE = 86_400

/** The rules for a start whose key is busy: it gets the open run, an error, or takes the place of the open runs. */
export const ON_CONFLICT = ['join', 'reject', 'replace'] as const

const upTo = (limit: number, what: string) =>
  timeSpanSchema.refine((seconds) => seconds <= limit, `expected at most ${what}`)

/** The queue of a start, as callers write it. */
const queueTerms = z
  .strictObject({
    key: z
      .string()
      .min(1)
      .max(200)
      .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'contains a control character')
      .meta({ description: 'runs and goals of one owner with the same key wait for each other' }),
    slots: maybe(z.int().min(1).max(MAX_SLOTS)).meta({
      description: 'runs and goals that work at once; absent: 1, or with `perMinute` 200',
    }),
    perMinute: maybe(z.int().min(1).max(MAX_PER_MINUTE)).meta({ description: 'runs and goals that begin in a minute' }),
    onConflict: maybe(z.enum(ON_CONFLICT)).meta({
      description:
        'if it would have to wait: `join` gives the open run or goal, `reject` refuses, `replace` cancels what is open; absent: it waits',
    }),
    debounce: maybe(upTo(MAX_DEBOUNCE, '1d')).meta({
      description:
        'it begins after this time, unless another start of the key comes: then that one takes its place; at the latest ten times this time after the first of them',
    }),
  })
  .meta({
    description:
      'bounds how many runs and goals of one key work at once, or begin in a minute; the others wait in order',
  })

/** The fields of a request that say when its run or goal begins. */
export const whenFields = {
  delay: maybe(upTo(MAX_DELAY, '366d')).meta({
    description: 'it begins after this time: seconds, or a time such as 5m or 1d',
  }),
  startAt: maybe(z.union([z.number().int().nonnegative(), z.iso.datetime({ offset: true })])).meta({
    description: 'it begins at this time: ISO-8601 with a zone, or ms since the epoch',
  }),
  queue: maybe(queueTerms),
}

const when = z.object(whenFields)

/** When a run or a goal begins, as its caller writes it. */
export type WhenRequest = Readonly<z.input<typeof when>>

/** The terms of a queue, with their defaults. Seconds of `debounce` are ms here. */
export type QueueTerms = {
  readonly slots: number
  readonly perMinute?: number
  readonly onConflict?: (typeof ON_CONFLICT)[number]
  readonly debounce?: number
}

/** When a run or a goal begins: at a time (ms since the epoch), when its key has room, or both. */
export type StartTerms = {
  readonly at?: number
  readonly queue?: { readonly key: string; readonly terms: QueueTerms }
}

/** When a run or a goal begins. Undefined: at once. InvalidError for fields that are wrong or do not go together. */
export function startTerms({ delay, startAt, queue }: WhenRequest, now: number): StartTerms | undefined {
  if (delay === undefined && startAt === undefined && queue === undefined) return undefined
  if (delay !== undefined && startAt !== undefined)
    throw together('startAt', 'expected either `delay` or `startAt`, got both')
  const parsed = parseNow(when, { delay, startAt, queue }, 'start') as z.output<typeof when>
  const at = parsed.startAt === undefined ? undefined : new Date(parsed.startAt).getTime()
  const due = parsed.delay === undefined ? at : now + Math.round(parsed.delay * 1000)
  if (due !== undefined && (parsed.queue?.onConflict ?? parsed.queue?.debounce) !== undefined)
    throw together('queue', '`onConflict` and `debounce` go with a start that has no `delay` and no `startAt`')
  return {
    ...(due !== undefined && { at: due }),
    ...(parsed.queue && { queue: { key: parsed.queue.key, terms: withDefaults(parsed.queue) } }),
  }
}

function withDefaults({ key: _, slots, debounce, ...terms }: z.output<typeof queueTerms>): QueueTerms {
  return {
    ...terms,
    slots: slots ?? (terms.perMinute === undefined ? 1 : MAX_SLOTS),
    ...(debounce !== undefined && { debounce: Math.round(debounce * 1000) }),
  }
}

const together = (path: string, fault: string) => new InvalidError(`start.${path}: ${fault}.`, { place: { path } })
