import { z } from 'zod'
import { maybe } from '../../document.ts'
import type { GivenVector } from '../../memory/memory.ts'
import { type MemoryRecord, newRecordSchema, recordIdSchema } from '../../memory/record.ts'
import { type Route, route } from '../routing/route.ts'
import { time, timeOf, wrap, wrapped } from './reply.ts'

const numbers = z.array(z.number()).min(1).max(65_536)
const embedding_model = maybe(z.string().min(1).max(200)).meta({
  description: 'the model of the vector; absent: that of the server',
})
const { text, data: metadata } = newRecordSchema.shape

const vectorOf = (numbers: readonly number[], model: string | undefined): GivenVector => ({
  numbers,
  ...(model !== undefined && { model }),
})

const stored = { id: z.string(), content: z.string(), metadata, created_at: time }
const memoryErrors = ['memory_not_shared', 'memory_unreachable', 'memory_refused'] as const

/** Vectors: records in the memory of the owner, which makes their vectors itself. */
export const vectorRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/api/vectors/search',
    scope: 'read',
    summary: 'The records in your memory whose vectors are nearest',
    asksOnly: true,
    body: z.strictObject({
      query_vector: numbers,
      embedding_model,
      limit: maybe(z.int().min(1).max(100).nullable()).meta({ description: 'default 10' }),
    }),
    answer: {
      about: 'the nearest first, by their cosine',
      schema: wrapped({ results: z.array(z.object({ ...stored, similarity: z.number() })) }),
    },
    errors: ['not_comparable', ...memoryErrors],
    async handle({ runtime, body: { query_vector, embedding_model, limit } }) {
      const vector = vectorOf(query_vector, embedding_model)
      const { records, coverage = 1 } = await runtime.memory.search({ text: '', vector, limit: limit ?? 10 })
      const results = records.map(({ parts, ...record }) => ({ ...pointOf(record), similarity: parts.meaning! }))
      return {
        ...wrap({ results: results.sort((a, b) => b.similarity - a.similarity) }),
        ...(coverage < 1 && { message: `Vectors exist of ${Math.floor(100 * coverage)} % of the records so far.` }),
      }
    },
  }),
  route({
    method: 'post',
    path: '/api/vectors/store',
    scope: 'memory',
    summary: 'Add a text to your memory, which makes its vector; the same text again changes nothing',
    body: z.strictObject({
      content: text,
      vector: maybe(numbers).meta({ description: 'checked, and not stored' }),
      embedding_model,
      metadata: maybe(metadata.nullable()),
    }),
    answer: { about: 'the id of the record', schema: wrapped({ id: z.string() }) },
    errors: ['not_comparable', 'forgotten', ...memoryErrors, 'storage'],
    async handle({ runtime, body: { content, vector, embedding_model, metadata: data } }) {
      // a search that finds nothing, and refuses a vector that cannot be compared
      if (vector) await runtime.memory.search({ text: '', vector: vectorOf(vector, embedding_model), until: 0 })
      const record = { text: content, ...(data !== undefined && data !== null && { data }) }
      const { records } = await runtime.memory.add({ records: [record] })
      return wrap({ id: records[0]!.id })
    },
  }),
  route({
    method: 'get',
    path: '/api/vectors/{vector}',
    scope: 'read',
    summary: 'A record of your memory, or a prompt that somebody has shared',
    params: z.object({ vector: recordIdSchema }),
    answer: { about: 'the text; nothing tells whose a prompt is', schema: wrapped(stored) },
    errors: ['not_found', 'record_quarantined', ...memoryErrors],
    async handle({ runtime, params: { vector } }) {
      if (!/^prior_[\w-]{22}$/.test(vector)) return wrap(pointOf(await runtime.memory.get(vector)))
      const { id, text, at } = await runtime.priors.get(vector)
      return wrap(pointOf({ id, text, learnedAt: at }))
    },
  }),
]

/** A record as upstream's point. */
function pointOf({ id, text, data, learnedAt }: Pick<MemoryRecord, 'id' | 'text' | 'data' | 'learnedAt'>) {
  return { id, content: text, ...(data !== undefined && { metadata: data }), created_at: timeOf(learnedAt) }
}
