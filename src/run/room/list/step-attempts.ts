import { formatTime } from '../../../lib/moment.ts'
import { MAX_TRIES, type StepTry } from '../../../step/record/step.ts'
import type { StepAttemptRow, StepDocument } from '../../document.ts'
import type { RunEvent } from '../../event.ts'

/** The failed attempts of the steps of a run, by their ids. */
export type FailedTries = Map<string, readonly StepAttemptRow[]>

/** Adds the failed attempts in durable events to those of earlier events, and gives the number of the last event. */
export async function addTries(
  found: FailedTries,
  events: AsyncIterable<{ readonly n: number; readonly body: unknown }>,
): Promise<number> {
  let last = 0
  for await (const { n, body } of events) {
    last = n
    const event = body as RunEvent
    if (event.type !== 'step-wait' && event.type !== 'step-end' && event.type !== 'signal-wait') continue
    const { step, tries = [] } = event
    const failed = [...tries, ...(event.type === 'step-wait' ? [tryBefore(event)] : [])]
    if (failed.length > 0) found.set(step, [...(found.get(step) ?? []), ...failed.map(attemptRow)].slice(-MAX_TRIES))
  }
  return last
}

/** The attempt before a pause. The first one does not count if the provider was not there. */
function tryBefore(wait: Extract<RunEvent, { readonly type: 'step-wait' }>): StepTry {
  const { attempts, problem, at, ms, until } = wait
  const { code, message } = problem
  const times = { ...(at !== undefined && { at }), ...(ms !== undefined && { ms }) }
  return { attempt: Math.max(1, attempts), code, message, ...times, until }
}

const attemptRow = ({ attempt, code, message, at, ms, until }: StepTry): StepAttemptRow => ({
  attempt,
  started_at: at === undefined ? null : formatTime(at),
  ms: ms ?? null,
  code,
  message,
  ...(until !== undefined && { until: formatTime(until) }),
})

/**
 * All attempts of a step: those that failed before, and the last one, if it has begun. `now`, and `since`, when the
 * process at work began it, in ms since the epoch.
 */
export function attemptsOf(
  step: Omit<StepDocument, 'value'>,
  failed: readonly StepAttemptRow[] = [],
  now: number,
  since?: number,
): readonly StepAttemptRow[] {
  const last = lastAttempt(step, failed.at(-1), now, since)
  return last ? [...failed, last].slice(-MAX_TRIES) : failed
}

function lastAttempt(
  { status, started_at, duration, retries, reused, error_code, error, retry_at }: Omit<StepDocument, 'value'>,
  before: StepAttemptRow | undefined,
  now: number,
  since: number | undefined,
): StepAttemptRow | undefined {
  if (status === 'completed' || status === 'failed') {
    const ms = duration === null ? null : Math.round(duration * 1000)
    const end = { started_at, ms, code: error_code ?? null, message: error }
    return reused ? undefined : { attempt: retries + 1, ...end }
  }
  const hasPaused = retry_at !== undefined && Date.parse(retry_at) <= now
  if (status !== 'running' && !(status === 'waiting' && hasPaused)) return undefined
  const attempt = before ? before.attempt + 1 : retries + 1
  const begun = since === undefined ? (hasPaused ? retry_at : started_at) : formatTime(since)
  return { attempt, started_at: begun ?? null, ms: null, code: null, message: null }
}
