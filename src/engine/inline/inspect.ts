import { nameOf, refOf } from '../../kernel/ref.ts'
import type { Envelope } from '../../kernel/types.ts'
import { type Inspected, type Inspection, inspected, isOfStatus, type Known, limitOf } from '../inspect.ts'
import type { Mailbox } from '../mailbox.ts'
import { itemsOf } from '../queue.ts'
import type { InlineDisk } from './disk.ts'

type Lent = {
  readonly disk: InlineDisk
  readonly boxes: ReadonlyMap<string, Mailbox>
  readonly held: ReadonlyMap<string, Envelope>
}

/** Actors of an inline disk at this moment: all that have a cell or mail. */
export function inspectActors({ disk, boxes, held }: Lent, query: Inspection): readonly Inspected[] {
  const names = [...new Set([...disk.cells.keys(), ...disk.mail.keys()])].filter((name) => isWanted(name, query)).sort()
  const itemOf = (envelope: Envelope) => ({ envelope, outcomes: disk.outcomes.get(envelope.id) })
  const knownOf = (name: string): Known => {
    const box = boxes.get(name)
    const running = box?.running
    const queue = box ? itemsOf(box.queue) : []
    const delivered = new Set([...queue.map(({ envelope }) => envelope), ...(running ? [running.envelope] : [])])
    const mail = disk.mail.get(name)
    const others = mail ? itemsOf(mail).filter((envelope) => !delivered.has(envelope)) : []
    return {
      of: refOf(name),
      cell: disk.cells.get(name),
      running: running && { ...running, mail: itemOf(running.envelope) },
      queue: queue.map(({ envelope }) => itemOf(envelope)),
      asleep: others.filter(({ id }) => !held.has(id)).map(itemOf),
      held: others.filter(({ id }) => held.has(id)).map(itemOf),
    }
  }
  const found = names.flatMap((name) => inspected(knownOf(name)) ?? []).filter((actor) => isOfStatus(query, actor))
  return found.slice(0, limitOf(query))
}

function isWanted(name: string, { kind, key, after }: Inspection): boolean {
  const of = refOf(name)
  if (kind !== undefined && of.kind !== kind) return false
  if (kind !== undefined && key !== undefined) return of.key === key
  return after === undefined || name > nameOf(after)
}
