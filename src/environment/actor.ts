import { z } from 'zod'
import { InvalidError, is, NotFoundError, problemOf } from '../errors.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { isWithinSize } from '../kernel/limits.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, Effects, Turn } from '../kernel/types.ts'
import { ownerField } from '../lib/owner.ts'
import { type Changed, checkLimits, expire, restore, type Update, update } from './change.ts'
import type { EnvironmentChange, EnvironmentContent, EnvironmentCounts, EnvironmentState } from './state.ts'
import {
  changePart,
  ENVIRONMENT_LIMITS,
  KEYS_PART,
  NO_COUNTS,
  readEnvironmentName,
  snapshotPart,
  VALUES_PART,
} from './state.ts'

const version = z.int().min(0)
const source = z
  .string()
  .min(1)
  .max(ENVIRONMENT_LIMITS.source)
  .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'expected a text without control characters')
const message = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('update'),
    patch: z.record(z.string(), z.custom<Json>()),
    source,
    expectedVersion: version.exactOptional(),
    ttl: z.int().positive().max(ENVIRONMENT_LIMITS.ttl).exactOptional(),
  }),
  z.object({ type: z.literal('restore'), version, source }),
  z.object({ type: z.enum(['snapshot', 'expire', 'snapshot-due']) }),
])
type EnvironmentMessage = z.infer<typeof message>

/** Rules of environments, by their name. */
export type EnvironmentRules = {
  /** Describes the fault of a state; undefined: it is valid. */
  faultOf?(name: string, state: JsonObject): string | undefined
  /** The longest time, in ms, from a change to the next snapshot; undefined: no snapshot is taken by itself. */
  snapshotEvery?(name: string): number | undefined
}

/**
 * `environment/<name>`: shared state with versions. Each change is one
 * event, and its number is the version. A refused message changes nothing.
 */
export function environmentActor(rules: EnvironmentRules = {}): Actor<EnvironmentState, EnvironmentMessage> {
  return defineActor<EnvironmentState, EnvironmentMessage>({
    kind: 'environment',
    message,
    initial: () => ({ version: 0, updatedAt: 0, snapshots: [] }),
    async receive(state, asked, effects) {
      try {
        if (state.version === 0 && asked.type !== 'update') throw noEnvironment(effects.self.key)
        return await decide(state, asked, effects, rules)
      } catch (error) {
        if (!is(error, 'InvalidError') && !is(error, 'NotFoundError')) throw error
        return { refuse: problemOf(error), ...(state.version === 0 && { stop: true }) }
      }
    },
  })
}

export function noEnvironment(name: string): NotFoundError {
  return new NotFoundError(`There is no environment ${name}.`, { hint: 'The first update creates it.' })
}

async function decide(
  state: EnvironmentState,
  asked: EnvironmentMessage,
  effects: Effects,
  rules: EnvironmentRules,
): Promise<Turn<EnvironmentState>> {
  const now = await effects.now()
  const present = expire(await readContent(state, effects), now)
  const { content } = present
  const { key } = effects.self
  const { name } = readEnvironmentName(key)
  const every = rules.snapshotEvery?.(name)
  const write = (next: Changed, reply: (content: EnvironmentContent) => Json): Turn<EnvironmentState> => {
    checkLimits(next.content)
    const fault = rules.faultOf?.(name, next.content.values)
    if (fault !== undefined) throw new InvalidError(`The state would not match its schema: ${fault}`)
    const changes = [...present.changes, ...next.changes]
    return { ...turnOf(state, { ...next, changes }, { now, key, every }), reply: reply(next.content) }
  }
  switch (asked.type) {
    case 'update': {
      checkUpdate(asked, content.version)
      const applied = Object.keys(asked.patch)
      return write(update(content, asked, now), ({ version }) => ({ version, applied }))
    }
    case 'restore': {
      const values = (await effects.part(snapshotPart(asked.version))) as JsonObject | undefined
      if (!values) throw noSnapshot(asked.version)
      const { source, version: restored } = asked
      return write(restore(content, values, { source, restored, at: now }), ({ version }) => ({ version }))
    }
    case 'snapshot':
      return takeSnapshot(state, present, { now, key, every })
    case 'snapshot-due': {
      const { snapshotDue, ...rest } = state
      return takeSnapshot(rest, present, { now, key, every: undefined })
    }
    case 'expire':
      return { ...turnOf(state, present, { now, key, every }), reply: { version: content.version } }
  }
}

async function readContent({ version }: EnvironmentState, { part }: Effects): Promise<EnvironmentContent> {
  const [values = {}, keys = {}] = [await part(VALUES_PART), await part(KEYS_PART)]
  return { version, values: values as JsonObject, keys: keys as EnvironmentContent['keys'] }
}

function checkUpdate({ patch, expectedVersion }: Update, current: number): void {
  const place = { path: 'patch' }
  if (expectedVersion !== undefined && expectedVersion !== current) {
    const hint = 'Read the environment again, and repeat the update with its version.'
    throw new InvalidError(`Expected version ${expectedVersion}, the environment has version ${current}.`, {
      code: 'stale_version',
      hint,
      place: { path: 'expectedVersion' },
    })
  }
  if (Object.keys(patch).length === 0)
    throw new InvalidError('Expected at least one key, got an empty patch.', { place })
  if (!isWithinSize(patch, ENVIRONMENT_LIMITS.patch))
    throw new InvalidError(`Expected a patch of at most ${ENVIRONMENT_LIMITS.patch / 1024} KiB.`, {
      code: 'too_large',
      place,
      hint: 'Send it in several updates.',
    })
}

function noSnapshot(version: number): NotFoundError {
  const hint = `The last ${ENVIRONMENT_LIMITS.snapshots} snapshots are kept.`
  return new NotFoundError(`There is no snapshot of version ${version}.`, { hint })
}

/** A second snapshot of the same version changes nothing. */
function takeSnapshot(state: EnvironmentState, present: Changed, at: Moment): Turn<EnvironmentState> {
  const { version, values } = present.content
  const turn = turnOf(state, present, at)
  const reply = { version }
  if (state.snapshots.some((one) => one.version === version)) return { ...turn, state: turn.state ?? state, reply }
  const all = [...state.snapshots, { version, at: at.now }]
  const newest = all.slice(-ENVIRONMENT_LIMITS.snapshots)
  const gone = all.slice(0, all.length - newest.length).map((one) => [snapshotPart(one.version), null] as const)
  const parts = { ...turn.parts, [snapshotPart(version)]: values, ...Object.fromEntries(gone) }
  const next = turn.state ?? state
  const { counts = NO_COUNTS } = next
  const counted = { ...counts, snapshots: counts.snapshots + 1 }
  return { ...turn, state: { ...next, version, snapshots: newest, counts: counted }, parts, reply }
}

/** When and for whom a turn is made; `every`: how long a change may stay without a snapshot (ms). */
type Moment = { readonly now: number; readonly key: string; readonly every: number | undefined }

/** The turn that stores a content with its changes, and waits for the next expiry and the next periodic snapshot. */
function turnOf(
  state: EnvironmentState,
  { content, changes }: Changed,
  { now, key, every }: Moment,
): Turn<EnvironmentState> {
  const { version, values, keys } = content
  const due = Math.min(...Object.values(keys).map(({ expiresAt = Number.POSITIVE_INFINITY }) => expiresAt))
  const timer = Number.isFinite(due) ? { delay: Math.max(0, due - now), body: { type: 'expire' } } : null
  if (changes.length === 0) return { timers: { expiry: timer } }
  const updatedAt = changes.at(-1)!.at
  const isDue = every !== undefined && state.snapshotDue === undefined
  const snapshot = isDue && { snapshot: { delay: every, body: { type: 'snapshot-due' } } }
  return {
    state: {
      ...state,
      version,
      updatedAt,
      counts: count(state.counts, changes),
      ...(isDue && { snapshotDue: true }),
    },
    parts: {
      [VALUES_PART]: values,
      [KEYS_PART]: keys,
      ...Object.fromEntries(changes.map((change) => [changePart(change.version), change])),
    },
    events: changes.map((change) => ({ type: change.type, version: change.version })),
    timers: { expiry: timer, ...snapshot },
    index: { ...ownerField(readEnvironmentName(key).owner), version, updatedAt },
  }
}

function count(counts: EnvironmentCounts = NO_COUNTS, changes: readonly EnvironmentChange[]): EnvironmentCounts {
  const of = (type: EnvironmentChange['type']) => changes.filter((change) => change.type === type).length
  const { updates, expiries, restores, snapshots } = counts
  return {
    updates: updates + of('update'),
    expiries: expiries + of('expiry'),
    restores: restores + of('restore'),
    snapshots,
  }
}
