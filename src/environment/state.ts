import type { JsonObject } from '../kernel/json.ts'
import type { ActorRef } from '../kernel/types.ts'
import { LOCAL_OWNER } from '../lib/owner.ts'

/** Limits of an environment. Sizes are characters of JSON. */
export const ENVIRONMENT_LIMITS = {
  state: 256 * 1024,
  patch: 64 * 1024,
  keys: 256,
  keyLength: 100,
  source: 200,
  changes: 1000,
  snapshots: 10,
  /** ten years, in ms */
  ttl: 10 * 365 * 86_400_000,
} as const

/** The cell of an environment. `version`: the number of its last event, 0 before. `updatedAt`: ms since the epoch. */
export type EnvironmentState = {
  readonly version: number
  readonly updatedAt: number
  readonly snapshots: readonly SnapshotSummary[]
  /** absent in environments that were last written before counting began: all counts start from 0 */
  readonly counts?: EnvironmentCounts
  /** a timer for the next periodic snapshot is set */
  readonly snapshotDue?: true
}

/** How often each thing has happened to an environment. */
export type EnvironmentCounts = {
  readonly updates: number
  readonly expiries: number
  readonly restores: number
  readonly snapshots: number
}

export const NO_COUNTS: EnvironmentCounts = { updates: 0, expiries: 0, restores: 0, snapshots: 0 }

/** A saved state: the version that it holds, and when it was saved. Times in ms since the epoch. */
type SnapshotSummary = { readonly version: number; readonly at: number }

/** Facts about one key: the version that wrote it, when, who, and when it expires. */
export type KeyFacts = {
  readonly version: number
  readonly updatedAt: number
  readonly source: string
  readonly expiresAt?: number
}

/** The state of an environment with the facts of its keys. */
export type EnvironmentContent = {
  readonly version: number
  readonly values: JsonObject
  readonly keys: { readonly [key: string]: KeyFacts }
}

/** One change. The patch is absent when it is longer than that of an update may be: read the environment again. */
export type EnvironmentChange = {
  readonly type: 'update' | 'expiry' | 'restore'
  readonly version: number
  readonly at: number
  readonly source: string
  readonly patch?: JsonObject
  /** the version whose state a restore brought back */
  readonly restored?: number
}

/** The parts of the actor: the values, the facts of the keys, the last changes and the last snapshots. */
export const VALUES_PART = 'values'
export const KEYS_PART = 'keys'
export const snapshotPart = (version: number): string => `snapshot/${version}`
export const CHANGE_PREFIX = 'change/'
/** The changes lie in a ring: a new one replaces the oldest. */
export const changePart = (version: number): string =>
  `${CHANGE_PREFIX}${String(version % ENVIRONMENT_LIMITS.changes).padStart(4, '0')}`

/** The address of an environment. Those of other owners than the local one have their owner in the key. */
export function environmentRef({ name, owner }: EnvironmentName): ActorRef {
  return { kind: 'environment', key: owner === LOCAL_OWNER ? name : `${owner}:${name}` }
}

type EnvironmentName = { readonly name: string; readonly owner: string }

/** Reads a key such as `shop` or `bob:shop`; without an owner in it, the environment belongs to `owner`. */
export function readEnvironmentName(key: string, owner: string = LOCAL_OWNER): EnvironmentName {
  const cut = key.indexOf(':')
  return cut < 0 ? { name: key, owner } : { name: key.slice(cut + 1), owner: key.slice(0, cut) }
}

/** A name: letters, digits, dots, hyphens and underscores. */
export const ENVIRONMENT_NAME = /^[A-Za-z0-9_][\w.-]{0,99}$/
