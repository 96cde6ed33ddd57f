import { InvalidError, type Problem } from '../errors.ts'
import { freezeState } from './check.ts'
import { UNREADABLE_VERSION } from './commit.ts'
import type { Json } from './json.ts'
import type { Actor, Cell, Effects, Envelope } from './types.ts'

/** The cell in the format of this code: new, or the stored one upgraded by versions. Throws when it cannot be read. */
export function openCell(actor: Actor, stored: Cell | undefined, { to }: Envelope): Cell {
  const version = actor.version ?? 1
  if (!stored) return { ...EMPTY_CELL, version, state: freezeState(actor.kind, actor.initial(to.key)) }
  if (stored.version === version && stored.status === 'live') {
    actor.check?.(stored.state, to.key)
    return stored
  }
  const { problem, halting, ...cell } = stored
  if (stored.version === UNREADABLE_VERSION) throw new InvalidError(problem!.message, { code: 'unreadable' })
  return {
    ...cell,
    status: 'live',
    version,
    ...(halting && { halting }),
    state: upgraded(actor, stored, version, to.key),
  }
}

/**
 * The cell with an older state, where the newest one is damaged or has another shape. Undefined: the actor kept none,
 * or the state is of another version, which other code can read. Throws when the older state cannot be read either.
 */
export async function olderCell(
  actor: Actor,
  { problem: _, ...stored }: Cell,
  { to }: Envelope,
  effects: Effects,
): Promise<Cell | undefined> {
  const version = actor.version ?? 1
  if (!actor.older || ![version, UNREADABLE_VERSION].includes(stored.version)) return undefined
  const state = await actor.older(effects)
  if (state === undefined) return undefined
  actor.check?.(state, to.key)
  return { ...stored, status: 'live', version, state: freezeState(actor.kind, state) }
}

/** Represents a cell that is not JSON. The stored data stays until the actor is stopped. */
export function unreadableCell(problem: Problem): Cell {
  return { ...EMPTY_CELL, version: UNREADABLE_VERSION, status: 'quarantined', problem, state: null }
}

function upgraded(actor: Actor, { state: stored, version: from }: Cell, version: number, key: string): Json {
  if (from > version)
    throw new InvalidError(`${actor.kind}: stored as version ${from}, by newer code than this version ${version}.`)
  if (from < version && !actor.upgrade)
    throw new InvalidError(
      `${actor.kind}: stored as version ${from}, but this version ${version} has no upgrade for it.`,
    )
  let state = stored
  for (let step = from; step < version; step++) state = actor.upgrade!(state, step)
  actor.check?.(state, key)
  return freezeState(actor.kind, state)
}

const EMPTY_CELL: Omit<Cell, 'version' | 'state'> = {
  status: 'live',
  seq: 0,
  events: 0,
  watchers: [],
  cancelled: [],
  timers: {},
  index: null,
}
