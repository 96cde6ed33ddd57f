import type { Json } from '../../kernel/schema.ts'
import type { Ended, ShortEnd, ShortStepEnd, StepEnd, ToldEnd } from './messages/step-end.ts'
import type { StepRead } from './messages/step-start.ts'
import type { Ref } from './refs.ts'
import type { StepPart, StepValue } from './step-outcome.ts'

type ShortPart = readonly [...ShortEnd, key: string, order: number, at: number]

/** The end in short; undefined where there is more to tell of it. */
export function shortEnd(end: Ended): ShortEnd | undefined {
  return countOf(end) === FIELDS.end ? shortOf(end) : undefined
}

/** The end that `shortEnd` wrote. */
export function wholeEnd(short: readonly [...ShortEnd, ...unknown[]]): Ended {
  return completedEnd(short[0], short[1], short[2])
}

function completedEnd(result: Json, parameters: Json, ms: number): Ended {
  const value = { status: 'completed', result, parameters, duration: ms } as Json
  return { status: 'completed', attempts: 1, ms, result: { inline: value } }
}

/** Whether an end was told in short. */
export const isShort = (told: ToldEnd): told is ShortStepEnd => Array.isArray(told)

/** Which step an end is of, and the ms that it took. */
export const stepOfEnd = (told: ToldEnd): string => (isShort(told) ? told[0] : told.step)
export const msOfEnd = (told: ToldEnd): number => (isShort(told) ? told[3] : told.ms)

/** The end as all its fields. */
export function stepEndOf(told: ToldEnd): StepEnd {
  if (!isShort(told)) return told
  return { ...completedEnd(told[1], told[2], told[3]), type: 'step-end', step: told[0], key: told[4] }
}

/** What a run keeps of a step whose end was told in short: after so many others, and when it ended. */
export function partOfShort(told: ShortStepEnd, order: number, at: number): Json {
  return [told[1], told[2], told[3], shortKey(told[4]), order, at]
}

/** What a run keeps of a step that ended, as it is written. */
export function shortPart(part: StepPart): Json {
  const { key, order, at } = part
  const isUsual = key !== undefined && order !== undefined && at !== undefined && countOf(part) === FIELDS.part
  const short = isUsual ? shortOf(part) : undefined
  return (short ? [short[0], short[1], short[2], shortKey(key!), order!, at!] : part) as Json
}

/** What a run keeps of a step, by its part; undefined: it has not come to it. Earlier code wrote all parts whole. */
export function stepIn(part: Json | undefined): StepPart | undefined {
  if (!Array.isArray(part)) return (part ?? undefined) as StepPart | undefined
  const short = part as unknown as ShortPart
  return { ...wholeEnd(short), key: wholeKey(short[3]), order: short[4], at: short[5] }
}

/** Of what a run keeps of a step what others read, by its part. */
export function readIn(part: Json | undefined): StepRead | undefined {
  return Array.isArray(part) ? wholeEnd(part as unknown as ShortPart) : stepIn(part)
}

// of a key it is not written that it is one of a step's work; any other is marked as written whole
const shortKey = (key: string) => (USUAL.test(key) ? key.replace(WORK, '') : `/${key}`)
const USUAL = /^[^/:]+\/execute(:[^/]*)?$/
const WORK = '/execute'

/** Earlier code wrote all keys whole. */
function wholeKey(key: string): string {
  if (key.startsWith('/')) return key.slice(1)
  return key.includes('/') ? key : key.replace(/^[^:]*/, (message) => message + WORK)
}

const FIELDS = { end: 4, part: 7, value: 4 } as const

type Came = { readonly status: string; readonly attempts?: number; readonly ms?: number; readonly result?: Ref }

function shortOf({ status, attempts, ms, result }: Came): ShortEnd | undefined {
  if (status !== 'completed' || attempts !== 1 || ms === undefined || !result || !('inline' in result)) return undefined
  const value = result.inline as unknown as StepValue
  const { parameters, duration } = value
  if (value.status !== 'completed' || duration !== ms || !parameters || countOf(value) !== FIELDS.value)
    return undefined
  return [value.result, parameters as Json, ms]
}

/** How many fields it has. */
function countOf(map: object): number {
  let count = 0
  for (const _ in map) count++
  return count
}

// nearly all events of a run are that a step begins, and that it ends well at its first attempt: these are kept in short

/** That a step begins. */
export const startEvent = (step: string): Json => [step]

/** That a step ended well at its first attempt, after so many ms. */
export const endEvent = (step: string, ms: number): Json => [step, ms]

/** An event of a run with all its fields. */
export function wholeEvent(kept: Json): Json {
  if (!Array.isArray(kept)) return kept
  const [step, ms] = kept as unknown as readonly [string, number?]
  if (ms === undefined) return { type: 'step-start', step }
  return { type: 'step-end', step, status: 'completed', attempts: 1, ms }
}
