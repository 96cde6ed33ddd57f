import { z } from 'zod'
import { maybe, time } from '../document.ts'
import { recordFields } from './record.ts'

export const memoryRecord = z.object(recordFields).meta({ id: 'MemoryRecord' })

const refs = z.array(z.string())

const checkedSources = z
  .object({
    reread: refs.meta({ description: 'had changed, and were read again' }),
    dropped: refs.meta({ description: 'are gone, with their passages' }),
    renamed: z
      .array(z.object({ ref: z.string(), to: z.string() }))
      .meta({ description: 'have another name now, and were found by their content' }),
    unread: z
      .array(z.object({ ref: z.string(), reason: z.string() }))
      .meta({ description: 'cannot be read now, so results may be out of date' }),
    unchecked: refs.meta({
      description: 'were not looked at, because there were too many: results may be out of date',
    }),
    /** pages of the web, which a search never fetches */
    pages: z.array(z.object({ ref: z.string(), readAt: time })).meta({ description: 'when each page was read' }),
  })
  .meta({ id: 'CheckedSources' })

export const foundRecord = z
  .object({
    ...recordFields,
    score: z.number().meta({ description: 'orders the results of one search' }),
    parts: z.object({
      words: z.number().meta({ description: 'relevance of the words; 0: found by meaning alone' }),
      meaning: maybe(z.number()).meta({ description: 'cosine of the two vectors; absent: found by words alone' }),
      recency: z.number(),
      importance: z.number(),
      ranks: maybe(z.object({ words: maybe(z.number()), meaning: maybe(z.number()) })).meta({
        description: 'places in the two rankings, with `explain`',
      }),
    }),
  })
  .meta({ id: 'FoundRecord' })

export const foundRecords = z.object({
  records: z.array(foundRecord),
  coverage: maybe(z.number()).meta({
    description:
      'share of the searched records that the encoder has read, 0 to 1; absent: there is no encoder for this text',
  }),
  degraded: maybe(z.array(z.string())).meta({ description: 'what the search lacked; absent: nothing' }),
  /** remarks about the documents behind the results; absent: none */
  sources: maybe(checkedSources),
})

export const recordWithHistory = z
  .object({
    ...recordFields,
    history: z.array(memoryRecord).meta({ description: 'all facts with its subject, the newest first' }),
    citedBy: z
      .array(z.object({ ask: z.string(), thread: z.string(), at: time }))
      .meta({ description: 'the newest answers that cite it' }),
  })
  .meta({ id: 'RecordWithHistory' })

export const memoryProposal = z
  .object({
    ...recordFields,
    against: maybe(memoryRecord).meta({ description: 'the fact that it would end' }),
    isOver: maybe(z.boolean()).meta({
      description: 'it would only be history: a newer fact holds, or its time is over',
    }),
  })
  .meta({ id: 'MemoryProposal' })

export const addedRecords = z.object({
  records: z.array(z.object({ id: z.string(), status: z.enum(['added', 'same', 'proposed']) })),
  change: maybe(z.number()).meta({ description: 'the number in the change log; absent: nothing changed' }),
})

const count = z.number()

export const erasureReport = z
  .object({
    id: maybe(z.string()),
    status: z.enum(['done', 'pending', 'dry-run']),
    by: z.enum(['id', 'space', 'source', 'subject', 'kind', 'all']),
    removed: z.object({ records: count, words: count, vectors: count, changes: count, redis: maybe(count) }),
    remains: z.array(z.string()).meta({ description: 'what memory does not reach' }),
    derived: maybe(z.array(z.object({ id: z.string(), kind: z.string(), ask: maybe(z.string()) }))).meta({
      description: 'among the removed records, those that were made of the others, at most 100',
    }),
  })
  .meta({ id: 'ErasureReport' })

export const memoryChange = z
  .object({
    change: count,
    at: time,
    type: z.enum(['add', 'pin', 'unpin', 'forget', 'expire', 'undo']),
    cause: z.object({ type: z.enum(['person', 'run', 'goal', 'ask', 'import']), id: maybe(z.string()) }),
    records: z.array(z.object({ id: z.string(), text: z.string() })).meta({ description: 'at most 100' }),
    count: count.meta({ description: 'how many it changed, including forgotten ones' }),
    undoes: maybe(count),
    undoneBy: maybe(count),
  })
  .meta({ id: 'MemoryChange' })

export const importReport = z
  .object({
    added: count,
    same: count.meta({ description: 'were there already' }),
    skipped: count.meta({ description: 'left out, because their id has other content' }),
    /** they are among `added` */
    replaced: count.meta({ description: 'records that a newer one replaces' }),
    forgotten: count.meta({ description: 'left out, because they were forgotten after the export' }),
    unpinned: maybe(count).meta({ description: 'added without their pin, because a model wrote them' }),
    change: maybe(count).meta({ description: 'the number in the change log; absent: nothing changed' }),
    dryRun: maybe(z.literal(true)),
  })
  .meta({ id: 'ImportReport' })
const tierStats = z.object({
  records: count,
  bytes: count,
  fullBytes: count.meta({ description: 'bytes before compression' }),
  hits: count.meta({ description: 'reads by id and results of searches' }),
})

/** The state of the copies on Redis. */
const mirrorState = z
  .object({
    state: z.enum(['ready', 'degraded']),
    since: time,
    error: maybe(z.string()).meta({ description: 'the last error' }),
  })
  .meta({ description: 'the copies on Redis; absent: none are configured' })

export const memoryStats = z
  .object({
    records: count,
    bytes: count.meta({ description: 'of texts and JSON' }),
    pinned: count,
    kinds: z.record(z.string(), count),
    changes: count,
    pending: count.meta({ description: 'erasures that are not finished' }),
    quarantined: count.meta({ description: 'damaged records, which no search and no list contains' }),
    tiers: z.object({ short: tierStats, intermediate: tierStats, long: tierStats }),
    redis: maybe(mirrorState),
  })
  .meta({ id: 'MemoryStats' })
