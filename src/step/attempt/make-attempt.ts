import { isInterruption } from '../../kernel/faults.ts'
import type { ResultNote } from '../../tool/tool.ts'
import type { QueuedCall, StepServices } from '../call/context.ts'
import { withPermissionHint } from '../call/permissions.ts'
import type { StepOutcome, StepRemarks } from '../record/outcome.ts'
import { cutOffNotes, endIfUsedUp } from './cut-off.ts'
import type { AttemptOutcome, EndDetails } from './outcome.ts'
import { type AttemptTerms, endFailedAttempt } from './retry.ts'
import type { StepAttempt } from './work.ts'

/** An attempt that has begun. `account`: its number and how long it has taken so far. */
export type BegunAttempt<Attempt extends StepAttempt = StepAttempt> = Attempt &
  Required<Pick<StepAttempt, 'notes'>> & { account(): EndDetails }

/** Makes an attempt: the outcome of `act` with its tool's notes, or a final failure; others are thrown for a retry. */
export async function makeAttempt<Attempt extends StepAttempt>(
  attempt: Attempt,
  act: (begun: BegunAttempt<Attempt>) => Promise<AttemptOutcome>,
  terms: () => AttemptTerms,
): Promise<AttemptOutcome> {
  const usedUp = endIfUsedUp(attempt.call, terms().attempts)
  if (usedUp) return usedUp
  const { services, start } = attempt
  const { elapsed = () => performance.now() } = services
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

/** Notes of one step, and characters of a note. */
const MAX_NOTES = 20
const MAX_NOTE = 500

/** The outcome with the notes of its tool. A step whose result lacks something is degraded. */
async function withNotes(
  outcome: AttemptOutcome,
  notes: readonly ResultNote[],
  services: Pick<StepServices, 'values' | 'secrets'>,
): Promise<AttemptOutcome> {
  if (notes.length === 0 || !hasEnded(outcome)) return outcome
  const { lacks, warnings: said = [], ...remarks } = await remarksOf(notes, services)
  const warnings = [...new Set([...(outcome.warnings ?? []), ...said])]
  const missing = lacks && { lacks: [...(outcome.lacks ?? []), ...lacks], degraded: true as const }
  return { ...outcome, ...remarks, ...missing, ...(warnings.length > 0 && { warnings }) }
}

const hasEnded = (outcome: AttemptOutcome): outcome is StepOutcome =>
  !('type' in outcome) && (outcome.status === 'completed' || outcome.status === 'failed')

async function remarksOf(
  notes: readonly ResultNote[],
  { values, secrets }: Pick<StepServices, 'values' | 'secrets'>,
): Promise<StepRemarks> {
  const shown = (text: string) => secrets?.shown(text) ?? text
  const distinct = (texts: readonly string[]) =>
    [...new Set(texts)].slice(0, MAX_NOTES).map((text) => shown(text).slice(0, MAX_NOTE))
  const warnings = distinct(notes.flatMap((note) => ('warning' in note ? [note.warning] : [])))
  const losses = notes.flatMap((note) => ('lacks' in note ? [note] : []))
  const lacks = distinct(losses.map((loss) => loss.lacks))
  const wholes = losses.flatMap(({ whole }) => whole ?? []).slice(0, MAX_NOTES)
  const whole = await Promise.all(
    wholes.map(async ({ field, text }) => ({ field, characters: text.length, blob: await values.put(shown(text)) })),
  )
  return {
    ...(warnings.length > 0 && { warnings }),
    ...(lacks.length > 0 && { lacks }),
    ...(whole.length > 0 && { whole }),
  }
}
