import { z } from 'zod'
import { json } from '../../document.ts'
import { TerminalError } from '../../errors.ts'
import { anyValue, jsonOr, numberParameter } from '../../tool/parameters.ts'
import { defineTool, type Tool, type ToolContext } from '../../tool/tool.ts'
import { recordIdSchema } from '../record.ts'
import { addRecord, forgetRecord, readRecord, searchRecords, type ToolMemory, takeBack } from './for-tools.ts'

const words = z.coerce.string()
const id = z.coerce.string().pipe(recordIdSchema)

/** A time as ISO 8601 writes it, or ms since the epoch. */
const moment = z.union([
  z.int(),
  z.union([z.iso.date(), z.iso.datetime({ offset: true })]).transform((time) => Date.parse(time)),
])

const record = z.object({
  id: z.string(),
  from: z.string(),
  text: z.string(),
  space: z.string(),
  kind: z.string(),
  subject: z.string().exactOptional(),
  data: json.exactOptional(),
  source: json,
  learned_at: z.int(),
  valid_from: z.int().exactOptional(),
  valid_to: z.int().exactOptional(),
})

const add = defineTool({
  name: 'memory:add',
  description:
    'Remembers a text. With `subject` it is a fact, and ends an older one about the subject. If another source has a fact about the subject, the new one is only proposed: a person decides',
  input: z.object({
    text: words,
    subject: words.optional(),
    space: words.optional(),
    kind: words.optional(),
    data: jsonOr(anyValue).optional(),
    importance: numberParameter.optional(),
    valid_from: moment.optional(),
    valid_to: moment.optional(),
    expires: moment.optional(),
  }),
  output: z.object({ id: z.string(), status: z.enum(['added', 'same', 'proposed']), change: z.int().exactOptional() }),
  effect: 'idempotent',
  execute: ({ valid_from: validFrom, valid_to: validTo, ...given }, context) =>
    addRecord(memoryOf(context), { ...given, validFrom, validTo }, context.idempotencyKey),
  undo: ({ output }, context) => takeBack(memoryOf(context), output),
})

const search = defineTool({
  name: 'memory:search',
  description:
    'Searches what is remembered. Each record has its source, and `from`: owner, or a space of shared knowledge',
  input: z.object({
    text: words,
    space: words.optional(),
    kind: words.optional(),
    subject: words.optional(),
    as_of: moment.optional(),
    limit: numberParameter.pipe(z.int().min(1).max(50)).default(10),
  }),
  output: z.object({ records: z.array(record) }),
  effect: 'pure',
  execute: async ({ as_of: asOf, ...query }, context) => ({
    records: await searchRecords(memoryOf(context), { ...query, asOf }),
  }),
})

const get = defineTool({
  name: 'memory:get',
  description: 'Reads a record, and of a fact all facts about its subject',
  input: z.object({ id }),
  output: record.extend({ history: z.array(record) }),
  effect: 'pure',
  execute: ({ id }, context) => readRecord(memoryOf(context), id),
})

const forget = defineTool({
  name: 'memory:forget',
  description:
    'Erases a record for good, if the same agent or pipeline wrote it, with the answers that were made of it',
  input: z.object({ id }),
  output: z.object({ id: z.string(), forgotten: z.boolean(), derived: z.array(z.string()).exactOptional() }),
  effect: 'idempotent',
  execute: ({ id }, context) => forgetRecord(memoryOf(context), id),
})

/** `memory`: the memory of the owner of the run. */
export const memoryTools: readonly Tool[] = [add, search, get, forget]

function memoryOf({ rooms }: ToolContext): ToolMemory {
  const memory = rooms?.memory as ToolMemory | undefined
  if (memory?.run) return memory
  throw new TerminalError('Memory works only as a step of a run, because memories have owners.', {
    code: 'only_in_runs',
  })
}
