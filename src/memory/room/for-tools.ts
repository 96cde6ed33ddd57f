import { hash } from 'node:crypto'
import { is } from '../../errors.ts'
import { present } from '../../lib/json/present.ts'
import type { CallingRun } from '../../tool/tool.ts'
import type { AddedRecords } from '../memory.ts'
import { noRecord } from '../missing.ts'
import type { MemoryRecord, NewRecord, RecordFilter } from '../record.ts'
import type { MemoryPort } from './open-port.ts'
import { checkForget, seesSpace, writtenSpace } from './work.ts'

/** The memory of the owner of a run, for the tools of the run. */
export type ToolMemory = {
  readonly port: MemoryPort
  readonly owner: string
  /** absent: no run calls */
  readonly run: CallingRun | undefined
}

/** Parameters, of which some are undefined. */
type Loose<Fields> = { readonly [Field in keyof Fields]: Fields[Field] | undefined }

/** The outcome of an add by a tool. */
type ToolAdded = {
  readonly id: string
  readonly status: AddedRecords['records'][number]['status']
  readonly change?: number
}

/** Adds a record, once for each call. `call`: the idempotency key of the call. */
export async function addRecord(memory: ToolMemory, given: Loose<NewRecord> & { readonly text: string }, call: string) {
  const { own, work } = await open(memory)
  const record = present({ ...given, space: writtenSpace(work, given.space) }) as NewRecord
  // a call that is made again after a kill must not end a newer fact
  const key = hash('sha256', JSON.stringify([memory.run!.startedAt, call]), 'base64url')
  const { records, change } = await own.add([record], { ...work, key })
  return { ...records[0]!, ...(change !== undefined && { change }) } satisfies ToolAdded
}

/** Undoes an add. What is gone already needs no undo. */
export async function takeBack(memory: ToolMemory, { id, status, change }: ToolAdded): Promise<void> {
  const { own, work } = await open(memory)
  try {
    if (status === 'proposed') await own.proposals.decline(id, work)
    if (change !== undefined) await own.changes.undo(change, work)
  } catch (error) {
    if (!is(error) || (error.code !== 'not_found' && error.code !== 'cannot_undo')) throw error
  }
}

type ToolSearch = Loose<Pick<RecordFilter, 'space' | 'kind' | 'subject' | 'asOf'>> & {
  readonly text: string
  readonly limit: number
}

/** Searches what the run may see. */
export async function searchRecords(memory: ToolMemory, { text, limit, ...filter }: ToolSearch) {
  const { own, work } = await open(memory)
  const { hidden, reads } = work.model ?? { hidden: [], reads: undefined }
  const reader = { hidden, ...(reads !== undefined && { reads }) }
  const { records } = await own.search({ text, limit, ...present(filter), ...(work.model && { reader }) })
  return records.map(shown)
}

/** Reads a record with the history of its subject. */
export async function readRecord(memory: ToolMemory, id: string) {
  const { own, work } = await open(memory)
  const { history, ...record } = await own.get(id)
  if (!seesSpace(work, record.space)) throw noRecord(id)
  return { ...shown(record), history: history.map(shown) }
}

/** Erases a record that the same source wrote. Without such a record nothing happens. */
export async function forgetRecord(memory: ToolMemory, id: string) {
  const { own, work } = await open(memory)
  const found = await own.get(id).catch((error: unknown) => {
    if (is(error) && error.code === 'not_found') return undefined
    throw error
  })
  if (!found || !seesSpace(work, found.space)) return { id, forgotten: false }
  checkForget(work, found)
  await own.forget({ id }, work)
  return { id, forgotten: true }
}

async function open({ port, owner, run }: ToolMemory) {
  return { own: port(owner), work: await port.workOf(run!) }
}

/** A record as a tool shows it, always with its source. */
function shown({ id, text, space, kind, subject, data, source, learnedAt, validFrom, validTo }: MemoryRecord) {
  return {
    id,
    text,
    space,
    kind,
    ...(subject !== undefined && { subject }),
    ...(data !== undefined && { data }),
    source,
    learned_at: learnedAt,
    ...(validFrom !== undefined && { valid_from: validFrom }),
    ...(validTo !== undefined && { valid_to: validTo }),
  }
}
