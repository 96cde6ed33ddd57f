import { InvalidError } from '../../errors.ts'
import type { PoolPhase } from '../../worker/pool-id.ts'

/** The limits of one ask. Sizes are in characters. */
export type ChainLimits = {
  /** executions of Understanding per ask */
  readonly maxCycles: number
  /** ms one ask may take */
  readonly deadline: number
  /** ms one attempt of a phase may take; absent: as long as the ask */
  readonly phaseDeadlines?: { readonly [Phase in PoolPhase]?: number }
  readonly promptSize: number
  /** asks that may wait on one thread */
  readonly queue: number
  /** exchanges that a thread remembers, and characters of them in a prompt */
  readonly remembered: number
  readonly historySize: number
  /** files per ask, and the maximum length of one file and of all files */
  readonly files: number
  readonly fileSize: number
  readonly allFilesSize: number
}

const DEFAULT_LIMITS: ChainLimits = {
  maxCycles: 3,
  deadline: 10 * 60_000,
  promptSize: 32_000,
  queue: 128,
  remembered: 10,
  historySize: 24_000,
  files: 2_000,
  fileSize: 2 * 1024 * 1024,
  allFilesSize: 16 * 1024 * 1024,
}

/** The most cycles of an ask: more do not improve an answer. */
export const MAX_CYCLES = 5

/** Limits with defaults filled in (three cycles). InvalidError for fewer than one or more than five cycles. */
export function createLimits(given: Partial<ChainLimits> = {}): ChainLimits {
  const limits = { ...DEFAULT_LIMITS, ...given }
  const { maxCycles } = limits
  if (Number.isInteger(maxCycles) && maxCycles >= 1 && maxCycles <= MAX_CYCLES) return limits
  throw new InvalidError(`maxCycles is ${maxCycles}, expected 1 to ${MAX_CYCLES}.`, { place: { path: 'maxCycles' } })
}
