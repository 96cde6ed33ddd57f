import type { ObjectContext } from '@restatedev/restate-sdk'
import { freeze, type Json } from '../../../kernel/json.ts'
import type { Cell, Commit } from '../../../kernel/types.ts'
import { CELL_KEY, eventKey, partKey } from '../names.ts'
import { layOut, type OpenedState, openState, type StateChange, type StoredCell } from './compact-state.ts'
import type { StoredEvent } from './read.ts'

/** The state of one actor, for its turns in one invocation. */
export interface ActorState {
  /** The cell: read once, then the last saved one. */
  cell(): Promise<Cell | undefined>
  part(name: string): Promise<Json | undefined>
  /** Writes a commit to the journal, which sends it with the rest of the turn. Does not wait. */
  save(commit: Commit): void
}

export function openActorState(ctx: ObjectContext): ActorState {
  let held: OpenedState | undefined
  return {
    async cell() {
      held ??= openState(await ctx.get<StoredCell>(CELL_KEY))
      return freeze(held.cell)
    },
    async part(name) {
      const key = partKey(name)
      return freeze(held?.near ? held.near[key] : ((await ctx.get<Json>(key)) ?? undefined))
    },
    save(commit) {
      const { cell } = commit
      if (!cell) {
        held = openState(null)
        return ctx.clearAll()
      }
      const { near, entries } = layOut(cell, held?.near, changedBy(commit, cell))
      held = { cell, near }
      for (const [key, json] of entries)
        if (json === undefined) ctx.clear(key)
        else ctx.set(key, json, RAW_SERDE)
    },
  }
}

function changedBy({ parts, events, taken }: Commit, cell: Cell): readonly StateChange[] {
  const { correlationId, id: by } = taken
  let n = cell.events - events.length
  return [
    ...Object.entries(parts).map(([name, part]) => [partKey(name), part] as const),
    ...events.map((body) => [eventKey(++n), { n, correlationId, body, by } satisfies StoredEvent] as const),
  ]
}

/** The value is already JSON. */
const RAW_SERDE = {
  contentType: 'application/json',
  serialize: (json: string) => new TextEncoder().encode(json),
  deserialize: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
}
