import { nameOf } from '../../kernel/ref.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Envelope } from '../../kernel/types.ts'
import { type Bus, follow, listenTo } from '../bus.ts'
import type { View } from '../engine.ts'
import { askedBy } from '../envelope.ts'
import type { Mailbox } from '../mailbox.ts'
import { select } from '../select.ts'
import type { InlineDisk } from './disk.ts'
import { inspectActors } from './inspect.ts'

type Lent = {
  readonly disk: InlineDisk
  readonly happened: Bus<unknown>
  readonly deltas: Bus<Json>
  readonly boxes: ReadonlyMap<string, Mailbox>
  readonly held: ReadonlyMap<string, Envelope>
}

/** Reads over an inline disk. */
export function inlineView({ disk, happened, deltas, boxes, held }: Lent): View {
  return {
    peek: async (of) => disk.cells.get(nameOf(of))?.state,
    async asked(id) {
      const { use = '' } = disk.known.get(id) ?? {}
      return askedBy(use)
    },
    async *parts(of, { prefix = '', after = '', limit = Number.POSITIVE_INFINITY } = {}) {
      const parts = disk.parts.get(nameOf(of)) ?? new Map<string, Json>()
      const names = [...parts.keys()].filter((name) => name.startsWith(prefix) && name > after).sort()
      const page = names.slice(0, limit).map((name) => [name, parts.get(name)!] as const)
      yield* page
    },
    async list(kind, query) {
      const own = [...disk.cells].flatMap(([name, { index }]) =>
        index && name.startsWith(`${kind}/`) ? [{ key: name.slice(kind.length + 1), index }] : [],
      )
      return select(own, query)
    },
    inspect: async (query = {}) => inspectActors({ disk, boxes, held }, query),
    events: (of, from) =>
      follow(
        happened,
        nameOf(of),
        async (after) => (disk.events.get(nameOf(of)) ?? []).filter(({ n }) => n > after),
        from,
      ),
    deltas: (correlationId, signal) => listenTo(deltas, correlationId, signal),
  }
}
