import type { Json } from '../../kernel/schema.ts'
import type { CompactOutcome, CompactStepEnd, EncodedStepEnd, StepEnd, StepOutcome } from './messages/step-end.ts'
import type { StepRead } from './messages/step-start.ts'
import type { ValueRef } from './refs.ts'
import type { StepPart, StepValue } from './step-outcome.ts'

type CompactPart = readonly [...CompactOutcome, key: string, order: number, at: number]

/** Encodes an outcome in compact form; undefined when it has more fields than that form holds. */
export function encodeEnd(end: StepOutcome): CompactOutcome | undefined {
  return countFields(end) === COMPACT_FIELD_COUNTS.end ? compactOutcome(end) : undefined
}

/** Decodes what `encodeEnd` wrote. */
export function decodeEnd(short: readonly [...CompactOutcome, ...unknown[]]): StepOutcome {
  return completedEnd(short[0], short[1], short[2])
}

function completedEnd(result: Json, parameters: Json, ms: number): StepOutcome {
  const value = { status: 'completed', result, parameters, duration: ms } as Json
  return { status: 'completed', attempts: 1, ms, result: { inline: value } }
}

/** Whether an end is in compact form. */
export const isCompactEnd = (told: EncodedStepEnd): told is CompactStepEnd => Array.isArray(told)

/** The step of an end, and its duration in ms. */
export const endedStep = (told: EncodedStepEnd): string => (isCompactEnd(told) ? told[0] : told.step)
export const endedMs = (told: EncodedStepEnd): number => (isCompactEnd(told) ? told[3] : told.ms)

/** Decodes an end into all its fields. */
export function decodeStepEnd(told: EncodedStepEnd): StepEnd {
  if (!isCompactEnd(told)) return told
  return { ...completedEnd(told[1], told[2], told[3]), type: 'step-end', step: told[0], key: told[4] }
}

/** Encodes the part of a step from its compact end, its order among the ended steps and the time. */
export function encodePartOfEnd(told: CompactStepEnd, order: number, at: number): Json {
  return [told[1], told[2], told[3], encodeKey(told[4]), order, at]
}

/** Encodes the part of an ended step. */
export function encodeStep(part: StepPart): Json {
  const { key, order, at } = part
  const isUsual =
    key !== undefined && order !== undefined && at !== undefined && countFields(part) === COMPACT_FIELD_COUNTS.part
  const short = isUsual ? compactOutcome(part) : undefined
  return (short ? [short[0], short[1], short[2], encodeKey(key!), order!, at!] : part) as Json
}

/** Decodes the part of a step; undefined when the run has not reached it. Earlier code wrote all parts in full. */
export function decodeStep(part: Json | undefined): StepPart | undefined {
  if (!Array.isArray(part)) return (part ?? undefined) as StepPart | undefined
  const short = part as unknown as CompactPart
  return { ...decodeEnd(short), key: decodeKey(short[3]), order: short[4], at: short[5] }
}

/** Decodes the fields of a step that other steps read. */
export function decodeRead(part: Json | undefined): StepRead | undefined {
  return Array.isArray(part) ? decodeEnd(part as unknown as CompactPart) : decodeStep(part)
}

// the usual suffix of an idempotency key is left out; any other key is marked by a leading slash
const encodeKey = (key: string) => (EXECUTE_KEY.test(key) ? key.replace(EXECUTE_SUFFIX, '') : `/${key}`)
const EXECUTE_KEY = /^[^/:]+\/execute(:[^/]*)?$/
const EXECUTE_SUFFIX = '/execute'

/** Restores a key. Earlier code wrote all keys in full. */
function decodeKey(key: string): string {
  if (key.startsWith('/')) return key.slice(1)
  return key.includes('/') ? key : key.replace(/^[^:]*/, (message) => message + EXECUTE_SUFFIX)
}

const COMPACT_FIELD_COUNTS = { end: 4, part: 7, value: 4 } as const

type OutcomeFields = {
  readonly status: string
  readonly attempts?: number
  readonly ms?: number
  readonly result?: ValueRef
}

function compactOutcome({ status, attempts, ms, result }: OutcomeFields): CompactOutcome | undefined {
  if (status !== 'completed' || attempts !== 1 || ms === undefined || !result || !('inline' in result)) return undefined
  const value = result.inline as unknown as StepValue
  const { parameters, duration } = value
  if (
    value.status !== 'completed' ||
    duration !== ms ||
    !parameters ||
    countFields(value) !== COMPACT_FIELD_COUNTS.value
  )
    return undefined
  return [value.result, parameters as Json, ms]
}

/** Counts fields without allocating a list of keys. */
function countFields(map: object): number {
  let count = 0
  for (const _ in map) count++
  return count
}

// nearly all events are starts, and completions at the first attempt: these have a compact form

/** Encodes the event that a step starts. */
export const encodeStartEvent = (step: string): Json => [step]

/** Encodes the event that a step completed at its first attempt. */
export const encodeEndEvent = (step: string, ms: number): Json => [step, ms]

/** Decodes an event into all its fields. */
export function decodeEvent(kept: Json): Json {
  if (!Array.isArray(kept)) return kept
  const [step, ms] = kept as unknown as readonly [string, number?]
  if (ms === undefined) return { type: 'step-start', step }
  return { type: 'step-end', step, status: 'completed', attempts: 1, ms }
}
