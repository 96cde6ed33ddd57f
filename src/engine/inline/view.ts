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
      for (const name of names.slice(0, limit)) yield [name, parts.get(name)!] as const
    },
    async list(kind, query) {
      const own = [...disk.cells].filter(([name]) => name.startsWith(`${kind}/`))
      return select(
        own.map(([name, cell]) => ({ key: name.slice(kind.length + 1), index: cell.index ?? {} })),
        query,
      )
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
