import { hash } from 'node:crypto'
import { is, unlessMissing } from '../../errors.ts'
import { present } from '../../lib/json/present.ts'
import type { CallingRun } from '../../tool/tool.ts'
import { noRecord } from '../memory.ts'
import type { MemoryRecord, NewRecord, RecordFilter } from '../record.ts'
import { OWNER_MEMORY } from '../space.ts'
import type { MemoryPort } from './open-port.ts'
import { inTurns, sharedMemory, shown } from './shared-memory.ts'
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

/** Adds a record, once for each call. `call`: the idempotency key of the call. */
export async function addRecord(memory: ToolMemory, given: Loose<NewRecord> & { readonly text: string }, call: string) {
  const { own, work } = await open(memory)
  const record = present({ ...given, space: writtenSpace(work, given.space) }) as NewRecord
  // a call that is made again after a kill must not end a newer fact
  const key = hash('sha256', JSON.stringify([memory.run!.startedAt, call]), 'base64url')
  const { records, change } = await own.add([record], { ...work, key })
  return { ...records[0]!, ...(change !== undefined && { change }) }
}

type ToolAdded = Awaited<ReturnType<typeof addRecord>>

/** Undoes an add. A record that is gone needs no undo. */
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

/** Searches the records that the run may see. */
export async function searchRecords(memory: ToolMemory, { text, limit, ...filter }: ToolSearch) {
  const { own, shared, work } = await open(memory)
  const { hidden, reads } = work.model ?? { hidden: [], reads: undefined }
  const reader = { hidden, ...(reads !== undefined && { reads }) }
  const { records } = await own.search({ text, limit, ...present(filter), ...(work.model && { reader }) })
  const lists = [records.map(ofOwner), ...(await shared.search({ text, limit, ...present(filter) }))]
  return [...inTurns(lists, limit)]
}

/** Reads a record with the history of its subject. */
export async function readRecord(memory: ToolMemory, id: string) {
  const { own, shared, work } = await open(memory)
  const found = await own.get(id).catch(unlessMissing)
  if (found && seesSpace(work, found.space)) return { ...ofOwner(found), history: found.history.map(ofOwner) }
  const other = await shared.get(id)
  if (!other) throw noRecord(id)
  return other
}

/** Erases a record that the same source wrote. Without such a record nothing happens. */
export async function forgetRecord(memory: ToolMemory, id: string) {
  const { own, work } = await open(memory)
  const found = await own.get(id).catch(unlessMissing)
  if (!found || !seesSpace(work, found.space)) return { id, forgotten: false }
  checkForget(work, found)
  const { derived = [] } = await own.forget({ id }, work)
  return { id, forgotten: true, ...(derived.length > 0 && { derived: derived.map((one) => one.id) }) }
}

async function open({ port, owner, run }: ToolMemory) {
  const work = await port.workOf(run!)
  return { own: port(owner), work, shared: sharedMemory(port.operator, work.model?.shared) }
}

const ofOwner = (record: MemoryRecord) => shown(record, OWNER_MEMORY)
