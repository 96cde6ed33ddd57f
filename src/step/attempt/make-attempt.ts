import { isInterruption } from '../../kernel/faults.ts'
import type { QueuedCall } from '../call/context.ts'
import { withPermissionHint } from '../call/permissions.ts'
import { cutOffNotes, endIfUsedUp } from './cut-off.ts'
import { withNotes } from './notes.ts'
import type { AttemptOutcome, EndDetails } from './outcome.ts'
import { type AttemptTerms, endFailedAttempt } from './retry.ts'
import type { StepAttempt } from './work.ts'

/** An attempt that has begun. `account`: its number and how long it has taken so far. */
export type BegunAttempt<Attempt extends StepAttempt = StepAttempt> = Attempt &
  Required<Pick<StepAttempt, 'notes'>> & { account(): EndDetails }

/**
 * Makes an attempt: the outcome of `act`, with the notes of its tool. A final failure is an outcome like any other; one
 * worth another attempt is thrown.
 */
export async function makeAttempt<Attempt extends StepAttempt>(
  attempt: Attempt,
  act: (begun: BegunAttempt<Attempt>) => Promise<AttemptOutcome>,
  terms: () => AttemptTerms,
): Promise<AttemptOutcome> {
  const usedUp = endIfUsedUp(attempt.call, terms().attempts)
  if (usedUp) return usedUp
  const { services, start } = attempt
  const { elapsed = sinceStart } = services
  const call = { ...attempt.call, queue: { ms: 0 } }
  const notes = cutOffNotes(call)
  const began = elapsed()
  const account = () => accountOf(call, elapsed() - began)
  const begun = { ...attempt, call, notes, account }
  try {
    const outcome = await act(begun)
    return notes.length === 0 ? outcome : await withNotes(outcome, notes, services)
  } catch (error) {
    if (call.signal.aborted || isInterruption(error)) throw error
    const failed = await endFailedAttempt(withPermissionHint(error, start.run), begun, terms(), account())
    return withNotes(failed, notes, services)
  }
}

/** A shorter wait for a place in a pool is not told. */
const MIN_QUEUED_MS = 100

function accountOf({ attempt, queue }: QueuedCall, ms: number): EndDetails {
  const account = { attempts: attempt, ms: Math.round(ms) }
  return queue && queue.ms >= MIN_QUEUED_MS
    ? { ...account, queued: Math.min(account.ms, Math.round(queue.ms)) }
    : account
}

const sinceStart = () => performance.now()
