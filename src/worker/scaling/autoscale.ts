import type { ScaleDecision } from '../report.ts'

/** The bounds of a pool's size, and the speed of changes. */
export type ScalePolicy = {
  readonly min: number
  readonly max: number
  /** consecutive samples that must agree */
  readonly samples: number
  /** minimum ms between two changes, by the direction of the second one */
  readonly growAfter: number
  readonly shrinkAfter: number
  /** ms that a task may wait before a pool grows even if the queue is short */
  readonly patience: number
}

export type PoolLoad = {
  readonly size: number
  readonly running: number
  readonly queued: number
  /** ms that the oldest task has waited */
  readonly oldest: number
  /** calls since the last sample that a provider refused because of its rate limit */
  readonly limited: number
  /** the used share of this process's cores, 0..1 */
  readonly cpu: number
}

/** The history of a pool. Times in ms. */
export type ScalingState = {
  /** consecutive samples that suggest growing, or shrinking */
  readonly pressed: number
  readonly idle: number
  readonly grownAt: number
  readonly shrunkAt: number
  /** the time when a provider last refused calls */
  readonly limitedAt: number
  readonly last?: ScaleDecision
}

/** The history of a new pool. */
export const UNSCALED: ScalingState = {
  pressed: 0,
  idle: 0,
  grownAt: Number.NEGATIVE_INFINITY,
  shrunkAt: Number.NEGATIVE_INFINITY,
  limitedAt: Number.NEGATIVE_INFINITY,
}

/** Defaults. A queue of ten seconds is long for anyone. */
export const DEFAULT_SCALING: Omit<ScalePolicy, 'min' | 'max'> = {
  samples: 2,
  growAfter: 10_000,
  shrinkAfter: 60_000,
  patience: 10_000,
}

const GROW_UTILIZATION = 0.8
const SHRINK_UTILIZATION = 0.2
/** With more CPU use than this, more workers would not help. */
const MAX_CPU_TO_GROW = 0.95
/** The share of its size that a pool loses after a rate limit. */
const SHRINK_ON_REFUSAL = 0.25

/** The size that a sample suggests. A queue longer than the pool, or a long wait: grows by the excess. Idle: halves. */
export function targetSize({ size, running, queued, oldest }: PoolLoad, { min, max, patience }: ScalePolicy): number {
  const bounded = Math.min(max, Math.max(min, size))
  if (bounded !== size || size === 0) return bounded
  const utilisation = running / size
  const isPressed = queued > size || (queued > 0 && oldest > patience)
  if (utilisation > GROW_UTILIZATION && isPressed)
    return size + Math.min(max - size, Math.max(1, Math.floor(queued / size)))
  if (utilisation < SHRINK_UTILIZATION && queued === 0 && size > min)
    return size - Math.max(1, Math.min(size - min, Math.floor(size / 2)))
  return size
}

/** Adds a sample. The result contains a decision if the pool should be resized. */
export function scale(before: ScalingState, load: PoolLoad, policy: ScalePolicy, now: number): ScalingState {
  const { size, limited } = load
  const wanted = targetSize(load, policy)
  const seen: ScalingState = {
    ...before,
    pressed: wanted > size ? before.pressed + 1 : 0,
    idle: wanted < size ? before.idle + 1 : 0,
    limitedAt: limited > 0 ? now : before.limitedAt,
  }
  if (size < policy.min || size > policy.max) return resized(seen, load, wanted, 'its bounds', now)
  if (limited > 0) return cut(seen, load, policy, now)
  if (wanted > size) return grow(seen, load, policy, wanted, now)
  return wanted < size ? shrink(seen, load, policy, wanted, now) : seen
}

function cut(
  seen: ScalingState,
  { size, limited }: PoolLoad,
  { min, growAfter }: ScalePolicy,
  now: number,
): ScalingState {
  const to = Math.max(min, size - Math.max(1, Math.floor(size * SHRINK_ON_REFUSAL)))
  if (to >= size || now - seen.shrunkAt < growAfter) return seen
  return resized(seen, { size }, to, `the provider refused ${limited} ${limited === 1 ? 'call' : 'calls'}`, now)
}

// after a shrink, growing is blocked for a while
function grow(seen: ScalingState, load: PoolLoad, policy: ScalePolicy, wanted: number, now: number): ScalingState {
  const { size, running, queued, oldest, cpu } = load
  const { samples, growAfter, shrinkAfter } = policy
  if (seen.pressed < samples || now - seen.grownAt < growAfter) return seen
  if (now - seen.limitedAt < shrinkAfter || cpu >= MAX_CPU_TO_GROW) return seen
  const long = oldest >= 1000 ? ` for up to ${Math.floor(oldest / 1000)} s` : ''
  return resized(seen, { size }, wanted, `${running} of ${size} busy, ${queued} waiting${long}`, now)
}

function shrink(seen: ScalingState, load: PoolLoad, policy: ScalePolicy, wanted: number, now: number): ScalingState {
  const { size, running } = load
  const { samples, shrinkAfter } = policy
  const calm = now - Math.max(seen.shrunkAt, seen.grownAt)
  if (seen.idle < samples || calm < shrinkAfter) return seen
  return resized(seen, { size }, wanted, `${running} of ${size} busy`, now)
}

function resized(
  seen: ScalingState,
  { size }: Pick<PoolLoad, 'size'>,
  to: number,
  why: string,
  now: number,
): ScalingState {
  const when = to > size ? { grownAt: now } : { shrunkAt: now }
  return { ...seen, pressed: 0, idle: 0, ...when, last: { at: now, from: size, to, why } }
}
