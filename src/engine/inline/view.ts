import type { Json } from '../../kernel/json.ts'
import { nameOf, parseRef } from '../../kernel/ref.ts'
import type { Envelope } from '../../kernel/types.ts'
import { type Bus, follow, streamTopic } from '../bus.ts'
import type { EngineView, NumberedEvent } from '../engine.ts'
import { askTarget } from '../envelope.ts'
import type { ActorSnapshot, Inspected, InspectQuery } from '../inspect.ts'
import { inspectLimit, inspectSnapshot, matchesStatus } from '../inspect.ts'
import type { Mailbox } from '../mailbox.ts'
import { itemsOf } from '../queue.ts'
import { selectListed } from '../select.ts'
import type { InlineDisk } from './disk.ts'

type Dependencies = {
  readonly disk: InlineDisk
  readonly changes: Bus<unknown>
  readonly deltas: Bus<Json>
  readonly boxes: ReadonlyMap<string, Mailbox>
  readonly held: ReadonlyMap<string, Envelope>
}

export function inlineView({ disk, changes, deltas, boxes, held }: Dependencies): EngineView {
  return {
    peek: async (of) => disk.cells.get(nameOf(of))?.state,
    async asked(id) {
      const { use = '' } = disk.known.get(id) ?? {}
      return askTarget(use)
    },
    async *parts(of, { prefix = '', after = '', limit = Number.POSITIVE_INFINITY, exact } = {}) {
      const parts = disk.parts.get(nameOf(of)) ?? new Map<string, Json>()
      if (exact) {
        if (parts.has(prefix)) yield [prefix, parts.get(prefix)!]
        return
      }
      const names = [...parts.keys()].filter((name) => name.startsWith(prefix) && name > after).sort()
      const page = names.slice(0, limit).map((name) => [name, parts.get(name)!] as const)
      yield* page
    },
    async list(kind, query) {
      const own = [...disk.cells].flatMap(([name, { index }]) =>
        index && name.startsWith(`${kind}/`) ? [{ key: name.slice(kind.length + 1), index }] : [],
      )
      return selectListed(own, query)
    },
    inspect: async (query = {}) => inspectActors({ disk, boxes, held }, query),
    events: (of, from) =>
      follow(changes, nameOf(of), async (after) => eventsAfter(disk.events.get(nameOf(of)) ?? [], after), from),
    deltas: (topic, signal) => streamTopic(deltas, topic, signal),
    isFollowed: deltas.hasListeners,
  }
}

/** Events have consecutive numbers. */
const eventsAfter = (events: readonly NumberedEvent[], after: number) =>
  events.slice(Math.max(0, after + 1 - (events[0]?.n ?? 0)))

/** Actors of an inline disk at this moment: all that have a cell or mail. */
function inspectActors(
  { disk, boxes, held }: Pick<Dependencies, 'disk' | 'boxes' | 'held'>,
  query: InspectQuery,
): readonly Inspected[] {
  const names = [...new Set([...disk.cells.keys(), ...disk.mail.keys()])].filter((name) => isWanted(name, query)).sort()
  const itemOf = (envelope: Envelope) => ({ envelope, outcomes: disk.outcomes.get(envelope.id) })
  const knownOf = (name: string): ActorSnapshot => {
    const box = boxes.get(name)
    const running = box?.running
    const queue = box ? itemsOf(box.queue) : []
    const delivered = new Set([...queue.map(({ envelope }) => envelope), ...(running ? [running.envelope] : [])])
    const mail = disk.mail.get(name)
    const others = mail ? itemsOf(mail).filter((envelope) => !delivered.has(envelope)) : []
    return {
      of: parseRef(name),
      cell: disk.cells.get(name),
      running: running && { ...running, mail: itemOf(running.envelope) },
      queue: queue.map(({ envelope }) => itemOf(envelope)),
      asleep: others.filter(({ id }) => !held.has(id)).map(itemOf),
      held: others.filter(({ id }) => held.has(id)).map(itemOf),
    }
  }
  const found = names
    .flatMap((name) => inspectSnapshot(knownOf(name)) ?? [])
    .filter((actor) => matchesStatus(query, actor))
  return found.slice(0, inspectLimit(query))
}

function isWanted(name: string, { kind, key, after }: InspectQuery): boolean {
  const of = parseRef(name)
  if (kind !== undefined && of.kind !== kind) return false
  if (kind !== undefined && key !== undefined) return of.key === key
  return after === undefined || name > nameOf(after)
}
