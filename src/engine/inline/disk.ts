import type { Json } from '../../kernel/json.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { Cell, Commit, EffectOutcome, Envelope } from '../../kernel/types.ts'
import type { DeadLetter, NumberedEvent } from '../engine.ts'
import { checkSameUse, ID_RETENTION_MS } from '../envelope.ts'
import type { BootRecord } from '../poison.ts'
import { createQueue, itemsOf, lengthOf, push, type Queue, remove } from '../queue.ts'

/** The simulated disk of an inline engine. Pass it to the next engine to reopen after a crash. */
export interface InlineDisk {
  readonly cells: Map<string, Cell>
  readonly parts: Map<string, Map<string, Json>>
  readonly events: Map<string, NumberedEvent[]>
  /** waiting mail by actor, in the order of arrival */
  readonly mail: Map<string, Queue<Envelope>>
  readonly outcomes: Map<string, Map<string, EffectOutcome>>
  /** external ids in the order of arrival, with the reply once there is one */
  readonly known: Map<string, { readonly at: number; readonly use: string; readonly reply?: Envelope }>
  readonly letters: Map<string, DeadLetter>
  /** the record that the last process left, as `last` */
  readonly boots: Map<'last', BootRecord>
  /** Applies a whole commit in one synchronous step; returns the mail to deliver. */
  commit(name: string, commit: Commit, sent: readonly Envelope[]): Deliveries
}
type Deliveries = {
  readonly mail: readonly Envelope[]
  readonly replies: readonly Envelope[]
}
const NO_DELIVERIES: Deliveries = { mail: [], replies: [] }

export function inlineDisk(): InlineDisk {
  const disk: InlineDisk = {
    cells: new Map(),
    parts: new Map(),
    events: new Map(),
    mail: new Map(),
    outcomes: new Map(),
    known: new Map(),
    letters: new Map(),
    boots: new Map(),
    commit(name, commit, sent) {
      removeMail(disk, name, commit.taken)
      if (disk.outcomes.size > 0) disk.outcomes.delete(commit.taken.id)
      storeCell(disk, name, commit)
      return sent.length === 0 ? NO_DELIVERIES : post(disk, sent)
    },
  }
  return disk
}

/** All mail that no turn has taken yet. */
export const pendingMail = ({ mail }: InlineDisk): readonly Envelope[] => [...mail.values()].flatMap(itemsOf)

export function addMail({ mail }: InlineDisk, envelope: Envelope): void {
  const name = nameOf(envelope.to)
  const queue = mail.get(name) ?? createQueue()
  if (lengthOf(queue) === 0) mail.set(name, queue)
  push(queue, envelope)
}

// nearly always the first: with one table for all mail, each search would take longer the more mail there is
function removeMail({ mail }: InlineDisk, name: string, envelope: Envelope): void {
  const queue = mail.get(name)
  if (!queue) return
  remove(queue, envelope)
  if (lengthOf(queue) === 0) mail.delete(name)
}

/** A copy of the present content, on a disk of its own. */
export function copyDisk(disk: InlineDisk): InlineDisk {
  const copy = inlineDisk()
  for (const table of ['cells', 'known', 'letters', 'boots'] as const) copyTable<unknown>(disk[table], copy[table])
  for (const envelope of pendingMail(disk)) addMail(copy, envelope)
  for (const [name, parts] of disk.parts) copy.parts.set(name, new Map(parts))
  for (const [name, events] of disk.events) copy.events.set(name, [...events])
  for (const [id, outcomes] of disk.outcomes) copy.outcomes.set(id, new Map(outcomes))
  return copy
}

function copyTable<T>(from: ReadonlyMap<string, T>, to: Map<string, T>): void {
  for (const [key, value] of from) to.set(key, value)
}

function storeCell(disk: InlineDisk, name: string, { cell, parts, events, taken }: Commit): void {
  if (!cell) {
    for (const table of [disk.cells, disk.parts, disk.events]) table.delete(name)
    return
  }
  disk.cells.set(name, cell)
  for (const part of Object.keys(parts)) storePart(disk, name, part, parts[part]!)
  if (events.length === 0) return
  const log = disk.events.get(name) ?? []
  const first = cell.events - events.length + 1
  events.forEach((body, index) => log.push({ n: first + index, correlationId: taken.correlationId, body }))
  disk.events.set(name, log)
}

function storePart(disk: InlineDisk, name: string, part: string, value: Json): void {
  const parts = disk.parts.get(name) ?? new Map<string, Json>()
  disk.parts.set(name, parts)
  if (value === null) parts.delete(part)
  else parts.set(part, value)
}

function post(disk: InlineDisk, sent: readonly Envelope[]): Deliveries {
  const mail: Envelope[] = []
  const replies: Envelope[] = []
  for (const envelope of sent) {
    const { kind, key } = envelope.to
    if (kind === 'reply') {
      const known = disk.known.get(key)
      if (known && !known.reply) disk.known.set(key, { ...known, reply: envelope })
      replies.push(envelope)
    } else if (kind === 'deadletter') {
      const { letter, problem } = envelope.body as Pick<DeadLetter, 'letter' | 'problem'>
      disk.letters.set(key, { id: key, at: envelope.createdAt, letter, problem })
    } else {
      addMail(disk, envelope)
      mail.push(envelope)
    }
  }
  return { mail, replies }
}

/** Whether an external id is known for the same use; throws if it is known for another use. Forgets expired ids. */
export function isKnownId({ known }: InlineDisk, id: string, use: string, now: number): boolean {
  for (const [old, { at }] of known) {
    if (at >= now - ID_RETENTION_MS) break
    known.delete(old)
  }
  const first = known.get(id)
  if (first) checkSameUse(first.use, use, id)
  return first !== undefined
}
