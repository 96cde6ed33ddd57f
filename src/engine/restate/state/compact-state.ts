import type { Json } from '../../../kernel/schema.ts'
import type { Cell } from '../../../kernel/types.ts'
import { CELL } from '../names.ts'

/**
 * What lies with a cell under its key, by the keys it would have: while all of an actor is small, one key holds it, and one reading and
 * one writing do. Once it is larger each thing lies under its own key, for good.
 */
export type Near = { readonly [key: string]: Json }

/** A cell as it is stored; without `near` its parts and events lie under keys of their own. */
export type Stored = Cell & { readonly near?: Near }

/** An actor as it was read: its cell, and its parts and events, should they lie with it. */
export type Held = { readonly cell: Cell | undefined; readonly near: Near | undefined }

/** Of one that is not there all is known: there is nothing. */
export function heldIn(stored: Stored | null): Held {
  if (!stored) return { cell: undefined, near: {} }
  const { near, ...cell } = stored
  return { cell, near }
}

/** What lies under each key: null where there is to be nothing any more. */
export type Entry = readonly [key: string, value: Json]

/** Characters up to which all of an actor lies under one key. */
const NEAREST = 16 * 1024

/** How a cell and what changed beside it are stored: what is written under which keys, and what lies with the cell then. */
export function place(cell: Cell, before: Near | undefined, changed: readonly Entry[]): Placed {
  const near = before && changedBy(before, changed)
  const whole = near && JSON.stringify({ ...cell, near } satisfies Stored)
  if (whole !== undefined && whole.length <= NEAREST) return { near, entries: [[CELL, whole]] }
  const apart = near ? Object.entries(near) : changed
  const entries = apart.map(([key, value]) => [key, value === null ? undefined : JSON.stringify(value)] as const)
  return { near: undefined, entries: [[CELL, JSON.stringify(cell)], ...entries] }
}

type Placed = { readonly near: Near | undefined; readonly entries: readonly StoredEntry[] }

/** As JSON; undefined: nothing. */
export type StoredEntry = readonly [key: string, json: string | undefined]

function changedBy(before: Near, changed: readonly Entry[]): Near {
  const near = { ...before }
  for (const [key, value] of changed)
    if (value === null) delete near[key]
    else near[key] = value
  return near
}
