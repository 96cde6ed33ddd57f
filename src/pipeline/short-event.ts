import type { Json } from '../kernel/schema.ts'
import { countOf } from './short.ts'

// nearly all events of a run are that a step begins, and that it ends well at its first attempt

type Told = { readonly [field in 'type' | 'step' | 'status' | 'attempts' | 'ms']?: Json }

/** An event of a run in short; one of which there is more to tell as it is. */
export function shortEvent(body: Json): Json {
  const { type, step, status, attempts, ms } = body as Told
  if (typeof step !== 'string') return body
  if (type === 'step-start') return countOf(body as Told) === FIELDS.start ? [step] : body
  const isUsual = type === 'step-end' && status === 'completed' && attempts === 1 && typeof ms === 'number'
  return isUsual && countOf(body as Told) === FIELDS.end ? [step, ms] : body
}

/** The event that `shortEvent` wrote. */
export function wholeEvent(written: Json): Json {
  if (!Array.isArray(written)) return written
  const [step, ms] = written as unknown as readonly [string, number?]
  if (ms === undefined) return { type: 'step-start', step }
  return { type: 'step-end', step, status: 'completed', attempts: 1, ms }
}

const FIELDS = { start: 2, end: 5 } as const
