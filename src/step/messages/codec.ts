import type { Json } from '../../kernel/json.ts'
import type { CompletedOutcome, EndedStep, StepOutcome, StepPart, StepValue } from '../record/outcome.ts'
import type { ValueRef } from '../values.ts'
import type { IteratingLoop, StepEnd } from './step-end.ts'

// Nearly all steps complete at the first attempt. Their records are stored as short lists, which halves the log of a
// run. This file alone knows these lists: all other code sees records with all their fields. Fields are read by number:
// destructuring a frozen list allocates an object for each of them.

/** The compact outcome of a step: result, parameters and duration in ms. Code of a program has no parameters: null. */
type CompactOutcome = readonly [result: Json, parameters: Json, ms: number]
/** A journal entry: an outcome, and the next step of the same turn. */
type CompactEntry = readonly [...CompactOutcome, next?: string]
/** A message: step, outcome, and the idempotency key of its call. */
type CompactEnd = readonly [step: string, ...CompactOutcome, key: string]
/** A run part: outcome, key, the number of steps that ended before, and the end time. */
type CompactPart = readonly [...CompactOutcome, key: string, order: number, at: number]
/** The event that a step started, or completed after so many ms. */
type CompactEvent = readonly [step: string, ms?: number]

/** The numbers of fields that the compact forms hold. A record with more is stored as it is. */
const FIELD_COUNTS = { outcome: 4, end: 7, part: 7, value: 4, startEvent: 2, endEvent: 5 } as const

/** The outcome of an attempt, and the step with which its turn continues. */
type JournaledEnd = { readonly end: StepOutcome | IteratingLoop; readonly next?: string | undefined }

/** Encodes an outcome for the journal of a step. */
export function encodeJournaledEnd({ end, next }: JournaledEnd): Json {
  const short = countFields(end) === FIELD_COUNTS.outcome ? compactOutcome(end) : undefined
  if (short) return next === undefined ? short : [short[0], short[1], short[2], next]
  return next === undefined ? { end } : { end, next }
}

export function decodeJournaledEnd(stored: Json): JournaledEnd {
  if (!Array.isArray(stored)) return stored as JournaledEnd
  const entry = stored as unknown as CompactEntry
  return { end: completedOutcome(entry[0], entry[1], entry[2]), next: entry[3] }
}

export const encodeEnds = (ends: readonly StepEnd[]): Json => ends.map(encodeEnd)

function encodeEnd(end: StepEnd): Json {
  const { step, key } = end
  const short = key !== undefined && countFields(end) === FIELD_COUNTS.end ? compactOutcome(end) : undefined
  return (short ? [step, short[0], short[1], short[2], key] : end) as Json
}

/** Decodes what `encodeEnds` wrote; undefined when it is something else. */
export function decodeEnds(stored: unknown): readonly StepEnd[] | undefined {
  return Array.isArray(stored) && stored.every(isEncodedEnd) ? stored.map(decodeEnd) : undefined
}

function decodeEnd(stored: unknown): StepEnd {
  if (!Array.isArray(stored)) return stored as StepEnd
  const end = stored as unknown as CompactEnd
  const { status, attempts, ms, result } = completedOutcome(end[1], end[2], end[3])
  return { type: 'step-end', step: end[0], status, attempts, ms, result, key: end[4] }
}

function isEncodedEnd(stored: unknown): boolean {
  if (Array.isArray(stored))
    return stored.length === 5 && typeof stored[0] === 'string' && typeof stored[3] === 'number'
  const { type, step, status } = (stored ?? {}) as { readonly [field: string]: unknown }
  return type === 'step-end' && typeof step === 'string' && typeof status === 'string'
}

export function encodeStep(part: StepPart): Json {
  const { key, order, at } = part as Partial<EndedStep>
  const isUsual = key !== undefined && order !== undefined && at !== undefined
  const short = isUsual && countFields(part) === FIELD_COUNTS.part ? compactOutcome(part) : undefined
  return short ? [short[0], short[1], short[2], key!, order!, at!] : part
}

/** Decodes the part of a step; undefined when the run has not reached it. */
export function decodeStep(stored: Json | undefined): StepPart | undefined {
  if (!Array.isArray(stored)) return (stored ?? undefined) as StepPart | undefined
  const part = stored as unknown as CompactPart
  const { status, attempts, ms, result } = completedOutcome(part[0], part[1], part[2])
  return { status, attempts, ms, result, key: part[3], order: part[4], at: part[5] }
}

export function encodeEvent(event: Json): Json {
  const { type, step, status, attempts, ms } = event as { readonly [field: string]: Json }
  if (type === 'step-start') return countFields(event as object) === FIELD_COUNTS.startEvent ? [step!] : event
  const isUsual = type === 'step-end' && status === 'completed' && attempts === 1
  return isUsual && countFields(event as object) === FIELD_COUNTS.endEvent ? [step!, ms!] : event
}

export function decodeEvent(stored: Json): Json {
  if (!Array.isArray(stored)) return stored
  const [step, ms] = stored as unknown as CompactEvent
  if (ms === undefined) return { type: 'step-start', step }
  return { type: 'step-end', step, status: 'completed', attempts: 1, ms }
}

type OutcomeFields = {
  readonly status: string
  readonly attempts?: number
  readonly ms?: number
  readonly result?: ValueRef
}

/** Undefined: the compact form cannot hold it. The caller has counted the fields of the record itself. */
function compactOutcome({ status, attempts, ms, result }: OutcomeFields): CompactOutcome | undefined {
  if (status !== 'completed' || attempts !== 1 || ms === undefined || !result || !('inline' in result)) return undefined
  const value = result.inline as Partial<StepValue> | null
  if (value?.status !== 'completed' || value.duration !== ms || value.result === undefined) return undefined
  const { result: own, parameters } = value
  const hasNone = parameters === undefined
  if (countFields(value) !== (hasNone ? FIELD_COUNTS.value - 1 : FIELD_COUNTS.value)) return undefined
  return hasNone || parameters ? [own, parameters ?? null, ms] : undefined
}

function completedOutcome(result: Json, parameters: Json, ms: number): CompletedOutcome {
  const value =
    parameters === null
      ? { status: 'completed', result, duration: ms }
      : { status: 'completed', result, parameters, duration: ms }
  return { status: 'completed', attempts: 1, ms, result: { inline: value } }
}

/** Counts fields without allocating a list of keys. */
function countFields(map: object): number {
  let count = 0
  for (const _ in map) count++
  return count
}
