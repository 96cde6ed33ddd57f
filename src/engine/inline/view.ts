import type { Json } from '../../kernel/schema.ts'
import { type Bus, follow, listenTo } from '../bus.ts'
import type { View } from '../engine.ts'
import { nameOf } from '../mailbox.ts'
import { select } from '../select.ts'
import type { InlineDisk } from './disk.ts'

/** Reads over an inline disk. */
export function inlineView(disk: InlineDisk, happened: Bus<unknown>, deltas: Bus<Json>): View {
  return {
    peek: async (of) => disk.cells.get(nameOf(of))?.state,
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
