import type { Json } from '../../../kernel/json.ts'
import type { Cell } from '../../../kernel/types.ts'
import { CELL_KEY } from '../names.ts'

/**
 * Parts and events stored together with the cell, by the keys that they would have otherwise. A small actor uses one
 * key, so that one read and one write are enough. Once it grows, each entry gets its own key for good.
 */
export type CompactEntries = { readonly [key: string]: Json }

/** A stored cell; without `near`, its parts and events have separate keys. */
export type StoredCell = Cell & { readonly near?: CompactEntries }

/** An actor as it was read: its cell, and its parts and events if they are stored with the cell. */
export type OpenedState = { readonly cell: Cell | undefined; readonly near: CompactEntries | undefined }

/** A missing actor is known to be empty. */
export function openState(stored: StoredCell | null): OpenedState {
  if (!stored) return { cell: undefined, near: {} }
  const { near, ...cell } = stored
  return { cell, near }
}

/** A changed state key. Null deletes it. */
export type StateChange = readonly [key: string, value: Json]

/** An actor of up to this size uses one key. */
const MAX_COMPACT_CHARACTERS = 16 * 1024

/** Decides how a cell with changed parts and events is stored: the keys to write, and data inlined with the cell. */
export function layOut(cell: Cell, before: CompactEntries | undefined, changed: readonly StateChange[]): StateLayout {
  const near = before && changedBy(before, changed)
  const whole = near && JSON.stringify({ ...cell, near } satisfies StoredCell)
  if (whole !== undefined && whole.length <= MAX_COMPACT_CHARACTERS) return { near, entries: [[CELL_KEY, whole]] }
  const apart = near ? Object.entries(near) : changed
  const entries = apart.map(([key, value]) => [key, value === null ? undefined : JSON.stringify(value)] as const)
  return { near: undefined, entries: [[CELL_KEY, JSON.stringify(cell)], ...entries] }
}

type StateLayout = { readonly near: CompactEntries | undefined; readonly entries: readonly StoredEntry[] }

/** The value as JSON; undefined deletes the key. */
type StoredEntry = readonly [key: string, json: string | undefined]

function changedBy(before: CompactEntries, changed: readonly StateChange[]): CompactEntries {
  const near = { ...before }
  for (const [key, value] of changed)
    if (value === null) delete near[key]
    else near[key] = value
  return near
}
