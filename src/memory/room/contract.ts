import { z } from 'zod'
import { maybe } from '../../document.ts'
import { listOf, page } from '../../house/common-fields.ts'
import { describe } from '../../house/describe.ts'
import { NDJSON } from '../../house/operation.ts'
import { ownerName } from '../../house/scope.ts'
import {
  addedRecords,
  erasureReport,
  foundRecords,
  importReport,
  memoryChange,
  memoryProposal,
  memoryRecord,
  memoryStats,
  recordWithHistory,
} from '../documents.ts'
import { memoryOperations } from '../facts.ts'
import { MEMORY_LIMITS } from '../limits.ts'
import { newRecordSchema, recordFilter, recordIdSchema } from '../record.ts'
import { addedSources, memorySource, sourceFields } from '../sources/sources.ts'

const owner = maybe(ownerName.meta({ description: 'whose memory; only for an admin. Default: the owner of the key' }))
/** A time in a query, where all values are texts. */
const inQuery = ({ description = '' }: z.ZodType) =>
  maybe(z.preprocess((given) => (String(given).trim() === '' ? given : Number(given)), z.number())).meta({
    description,
  })
const { asOf, knownAt, since, until } = recordFilter
const queryFilter = {
  ...recordFilter,
  asOf: inQuery(asOf),
  knownAt: inQuery(knownAt),
  since: inQuery(since),
  until: inQuery(until),
}
const flag = z.stringbool({ truthy: ['true'], falsy: ['false'] })
const record = z.object({ record: recordIdSchema })
/** errors of the place where all memories are */
const place = ['memory_not_shared', 'memory_unreachable', 'memory_refused'] as const

/** Memory: records that outlive runs and threads. */
export const MEMORY_CONTRACT = describe(memoryOperations, {
  'memory.add': {
    scope: 'memory',
    summary: 'Add records, all or none; the same record again changes nothing',
    body: z.strictObject({ records: z.array(newRecordSchema).min(1).max(MEMORY_LIMITS.records), owner }),
    answer: { about: 'what became of each record', schema: addedRecords },
    errors: ['record_conflict', 'forgotten', 'pins_full', ...place, 'storage'],
  },
  'memory.list': {
    scope: 'read',
    summary: 'List records, the newest first',
    query: z.object({ ...page, ...queryFilter, owner }),
    answer: { about: 'a page of records', schema: listOf(memoryRecord) },
    errors: ['bad_cursor', ...place],
  },
  'memory.get': {
    scope: 'read',
    summary: 'Show a record with the history of its subject',
    params: record,
    query: z.object({ owner }),
    answer: { about: 'the record', schema: recordWithHistory },
    errors: ['not_found', 'record_quarantined', ...place],
  },
  'memory.pin': {
    scope: 'memory',
    summary: 'Pin or unpin a record',
    params: record,
    body: z.strictObject({ pinned: z.boolean(), owner }),
    answer: { about: 'the record', schema: memoryRecord },
    errors: ['not_found', 'not_own', 'pins_full', 'record_quarantined', ...place, 'storage'],
  },
  'memory.search': {
    scope: 'read',
    asksOnly: true,
    summary: 'Search records by words and by meaning, inside exact filters',
    body: z.strictObject({
      text: z.string().min(1).max(MEMORY_LIMITS.query),
      limit: maybe(z.int().min(1).max(100)).meta({ description: 'default 10' }),
      explain: maybe(z.boolean()).meta({ description: 'also show the ranks, from which the score follows' }),
      ...recordFilter,
      pinned: maybe(z.boolean()),
      where: maybe(z.record(z.string().max(200), z.union([z.string(), z.number(), z.boolean()]))).meta({
        description: `at most ${MEMORY_LIMITS.where} fields of the JSON, by dotted path`,
      }),
      owner,
    }),
    answer: { about: 'the best records first', schema: foundRecords },
    errors: [...place],
  },
  'memory.forget': {
    scope: 'memory',
    summary: 'Erase records for good: by exactly one of id, space, source, subject, kind, or all',
    body: z.strictObject({
      id: maybe(recordIdSchema),
      space: recordFilter.space,
      source: maybe(z.string().min(1).max(4096)),
      subject: recordFilter.subject,
      kind: recordFilter.kind,
      all: maybe(z.literal(true)),
      dryRun: maybe(z.boolean()).meta({ description: 'only count' }),
      owner,
    }),
    answer: { about: 'what was removed, and what remains', schema: erasureReport },
    errors: [...place, 'storage'],
  },
  'memory.sources.list': {
    scope: 'read',
    summary: 'List the documents whose passages are in a memory',
    query: z.object({ ...page, below: maybe(z.string().min(1).max(4096)), owner }),
    answer: { about: 'a page of documents, by their names', schema: listOf(memorySource) },
    errors: ['memory_not_shared'],
  },
  'memory.sources.add': {
    scope: 'memory',
    summary: 'Add a file, a folder, a page, or a document that the request contains',
    description:
      'Reads what is new or changed, for about a second. If files are left, repeat it with `after` and `change`.',
    body: z.strictObject({ ...sourceFields, owner }),
    answer: { about: 'what was read', schema: addedSources },
    errors: ['not_found', 'outside_root', 'source_unreachable', 'forgotten', 'memory_not_shared', 'storage'],
  },
  'memory.sources.forget': {
    scope: 'memory',
    summary: 'Erase a document for good, or all documents of a folder',
    query: z.object({ source: z.string().min(1).max(4096), owner }),
    answer: { about: 'what was removed, and what remains', schema: erasureReport },
    errors: ['memory_not_shared', 'storage'],
  },
  'memory.changes': {
    scope: 'read',
    summary: 'List the changes of a memory with their causes, the newest first',
    query: z.object({ limit: page.limit, after: maybe(z.coerce.number().int().min(0)), owner }),
    answer: { about: 'a page of changes', schema: listOf(memoryChange) },
    errors: [...place],
  },
  'memory.undo': {
    scope: 'memory',
    summary: 'Take back an add or a pin',
    params: z.object({ change: z.coerce.number().int().min(0) }),
    body: z.strictObject({ owner }),
    answer: { about: 'the change that undoes it', schema: memoryChange },
    errors: ['not_found', 'cannot_undo', 'pins_full', ...place, 'storage'],
  },
  'memory.export': {
    scope: 'read',
    summary: 'Export all records with their history as lines of JSON',
    query: z.object({ owner }),
    answer: { about: 'a line about the export, then a line for each record', type: NDJSON },
    errors: [...place, 'storage'],
  },
  'memory.import': {
    scope: 'memory',
    summary: 'Import lines of an export as one change, or none of them',
    description: 'The body is a stream. An Idempotency-Key stands for one file: a repeat does not read its body.',
    query: z.object({
      onConflict: maybe(z.enum(['error', 'skip', 'newer'])).meta({
        description: 'what happens to a record whose id is taken by other content; default error',
      }),
      dryRun: maybe(flag).meta({ description: 'only check and count' }),
      withForgotten: maybe(flag).meta({ description: 'also records that were forgotten after the export' }),
      owner,
    }),
    idempotent: true,
    answer: { about: 'how many records were added, and why others were not', schema: importReport },
    errors: ['unsupported_type', 'record_conflict', 'forgotten', 'pins_full', ...place, 'storage'],
  },
  'memory.proposals': {
    scope: 'read',
    summary: 'List the facts that work has proposed and nobody has decided about, the oldest first',
    query: z.object({ owner }),
    answer: { about: 'all of them, at most 100', schema: listOf(memoryProposal) },
    errors: [...place],
  },
  'memory.accept': {
    scope: 'memory',
    summary: 'Accept a proposed fact, so that it becomes a record; its change can be undone',
    params: record,
    body: z.strictObject({ owner }),
    answer: { about: 'the record', schema: memoryRecord },
    errors: ['not_found', ...place, 'storage'],
  },
  'memory.decline': {
    scope: 'memory',
    summary: 'Decline a proposed fact, which erases it',
    params: record,
    body: z.strictObject({ owner }),
    answer: { about: 'what was removed, and what remains', schema: erasureReport },
    errors: ['not_found', ...place, 'storage'],
  },
  'memory.stats': {
    scope: 'read',
    summary: 'Count the records of a memory',
    query: z.object({ owner }),
    answer: { about: 'counts', schema: memoryStats },
    errors: [...place],
  },
})
