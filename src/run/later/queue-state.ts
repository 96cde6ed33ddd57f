import type { QueueTerms } from './terms.ts'

/**
 * The cell of a queue. Runs and goals stand in it by the names of their actors. Those that wait are in parts `wait/N`,
 * and their numbers in parts `place/NAME`.
 */
export type QueueState = {
  readonly key: string
  readonly owner: string
  readonly slots: number
  readonly perMinute?: number
  /** the names of the runs and goals that have a slot, in their order */
  readonly active: readonly string[]
  /** when runs began within the last minute; only with `perMinute` */
  readonly begun: readonly number[]
  /** numbers of the runs that wait: none is below `head`, and the next one gets `tail` */
  readonly head: number
  readonly tail: number
  /** how many of these are not gone */
  readonly waiting: number
  /** the run that begins at `debouncedUntil` unless another comes; when the first in its place came, epoch ms */
  readonly debounced?: string
  readonly debouncedSince?: number
  readonly debouncedUntil?: number
}

export const NEW_QUEUE: QueueState = {
  key: '',
  owner: '',
  slots: 1,
  active: [],
  begun: [],
  head: 0,
  tail: 0,
  waiting: 0,
}

const MINUTE_MS = 60_000

/** The queue with the newest terms. The runs that have begun stay. */
export function withTerms(state: QueueState, { slots, perMinute }: QueueTerms): QueueState {
  const { perMinute: _, ...rest } = state
  return { ...rest, slots, ...(perMinute === undefined ? { begun: [] } : { perMinute }) }
}

/** The queue without the starts that are more than a minute ago. A clock that was set back forgets those ahead. */
export function recent(state: QueueState, now: number): QueueState {
  const begun = state.begun.filter((at) => at > now - MINUTE_MS && at <= now)
  return begun.length === state.begun.length ? state : { ...state, begun }
}

/** Whether a run may begin now. */
export const hasRoom = ({ active, slots, begun, perMinute }: QueueState): boolean =>
  active.length < slots && (perMinute === undefined || begun.length < perMinute)

/** When the next run may begin, if only the limit of a minute holds it back; ms since the epoch. */
export function nextMinute({ active, slots, begun, perMinute, waiting }: QueueState): number | undefined {
  const isHeld = waiting > 0 && active.length < slots && perMinute !== undefined && begun.length >= perMinute
  return isHeld ? begun[begun.length - perMinute]! + MINUTE_MS : undefined
}

/** The queue after a run got a slot. */
export const withActive = (state: QueueState, of: string, now: number): QueueState => ({
  ...state,
  active: [...state.active, of],
  begun: state.perMinute === undefined ? [] : [...state.begun, now],
})

/** The queue without a run that begins unless another one comes. */
export function withoutDebounced(state: QueueState): QueueState {
  const { debounced: _, debouncedSince: __, debouncedUntil: ___, ...rest } = state
  return rest
}

/** Whether nothing of the queue is needed any more. */
export const isIdle = ({ active, waiting, debounced, begun }: QueueState): boolean =>
  active.length === 0 && waiting === 0 && debounced === undefined && begun.length === 0

/** When the last start of the minute is past; ms since the epoch. */
export const endOfMinute = ({ begun }: QueueState): number | undefined => {
  const last = begun.at(-1)
  return last === undefined ? undefined : last + MINUTE_MS
}

/** The parts of the runs that wait begin with it. */
export const WAIT_PREFIX = 'wait/'
export const waitPart = (n: number): string => `${WAIT_PREFIX}${n}`
export const placePart = (of: string): string => `place/${of}`
