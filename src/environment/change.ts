import { InvalidError } from '../errors.ts'
import type { JsonObject } from '../kernel/json.ts'
import { isWithinSize } from '../kernel/limits.ts'
import { mergePatch, patchBetween } from './merge-patch.ts'
import { ENVIRONMENT_LIMITS, type EnvironmentChange, type EnvironmentContent, type KeyFacts } from './state.ts'

export type Changed = { readonly content: EnvironmentContent; readonly changes: readonly EnvironmentChange[] }

/** An update, as its sender writes it. `ttl` in ms, for each key of the patch. */
export type Update = {
  readonly patch: JsonObject
  readonly source: string
  readonly expectedVersion?: number
  readonly ttl?: number
}

/** Removes what has expired. This is a change of its own; without an expired key there is none. */
export function expire(content: EnvironmentContent, now: number): Changed {
  const due = Object.keys(content.keys).filter((key) => (content.keys[key]!.expiresAt ?? now + 1) <= now)
  if (due.length === 0) return { content, changes: [] }
  const patch = Object.fromEntries(due.map((key) => [key, null]))
  return changeBy(content, mergePatch(content.values, patch), { type: 'expiry', at: now, source: 'expiry', patch })
}

export function update(content: EnvironmentContent, { patch, source, ttl }: Update, now: number): Changed {
  const expiresAt = ttl === undefined ? {} : { expiresAt: now + ttl }
  return changeBy(content, mergePatch(content.values, patch), { type: 'update', at: now, source, patch }, expiresAt)
}

/** Brings the values of a snapshot back, as a new version. Its keys do not expire. */
export function restore(
  content: EnvironmentContent,
  values: JsonObject,
  { source, restored, at }: { readonly source: string; readonly restored: number; readonly at: number },
): Changed {
  const patch = patchBetween(content.values, values)
  const shown = isWithinSize(patch, ENVIRONMENT_LIMITS.patch) ? { patch } : {}
  const changed = changeBy(content, values, { type: 'restore', at, source, restored, ...shown })
  const { version } = changed.content
  const keys = Object.fromEntries(Object.keys(values).map((key) => [key, { version, updatedAt: at, source }]))
  return { ...changed, content: { ...changed.content, keys } }
}

/** @throws InvalidError `too_large` when the content breaks a limit */
export function checkLimits({ values }: EnvironmentContent): void {
  const { keys, state, keyLength } = ENVIRONMENT_LIMITS
  const names = Object.keys(values)
  if (names.length > keys) throw tooLarge(`Expected at most ${keys} keys, got ${names.length}.`)
  const long = names.find((key) => key.length > keyLength)
  if (long !== undefined) throw tooLarge(`Expected keys of at most ${keyLength} characters, got one of ${long.length}.`)
  if (!isWithinSize(values, state)) throw tooLarge(`The state would be larger than ${state / 1024} KiB.`)
}

function tooLarge(message: string): InvalidError {
  const hint = 'Delete keys with null, or put large values into files and name the files here.'
  return new InvalidError(message, { code: 'too_large', hint })
}

function changeBy(
  { version: before, keys }: EnvironmentContent,
  values: JsonObject,
  about: Omit<EnvironmentChange, 'version'>,
  expiry: Pick<KeyFacts, 'expiresAt'> = {},
): Changed {
  const version = before + 1
  const { at: updatedAt, source, patch = {} } = about
  const written: KeyFacts = { version, updatedAt, source, ...expiry }
  const factsOf = (key: string) => (Object.hasOwn(patch, key) ? written : keys[key]!)
  return {
    content: { version, values, keys: Object.fromEntries(Object.keys(values).map((key) => [key, factsOf(key)])) },
    changes: [{ version, ...about }],
  }
}
