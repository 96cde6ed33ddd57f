import { InvalidError } from '../../../errors.ts'
import type { PageQuery } from '../../../house/paging.ts'
import { formatTime } from '../../../lib/moment.ts'
import type { RunDocument, StepRow } from '../../document.ts'
import type { RunEvent } from '../../event.ts'

type Attempts = ReadonlyMap<string, StepRow['attempts']>

/** Attempts of a step that a row shows: the last ones. */
const MAX_ATTEMPTS = 20

/** The failed attempts of the steps of a run, from its durable events. */
export async function attemptsIn(events: AsyncIterable<{ readonly body: unknown }>): Promise<Attempts> {
  const attempts = new Map<string, StepRow['attempts']>()
  for await (const { body } of events) {
    const event = body as RunEvent
    if (event.type !== 'step-wait') continue
    const { step, attempts: attempt, until, problem } = event
    const { code, message } = problem
    const failed = { attempt, code, message, until: formatTime(until) }
    attempts.set(step, [...(attempts.get(step) ?? []), failed].slice(-MAX_ATTEMPTS))
  }
  return attempts
}

/**
 * A page of the steps of a run, without their results.
 * @throws InvalidError `bad_cursor` if `after` is not a step of the run
 */
export function stepRows(run: RunDocument, attempts: Attempts, query: PageQuery = {}): readonly StepRow[] {
  const { after, limit = 100 } = query
  const steps = Object.values(run.steps)
  const from = after === undefined ? 0 : steps.findIndex(({ id }) => id === after) + 1
  if (after !== undefined && from === 0)
    throw new InvalidError(`${after.slice(0, 100)} is not a step of this run.`, {
      code: 'bad_cursor',
      hint: 'Give the `next` of the page before.',
    })
  return steps.slice(from, from + limit).map(({ value: _, ...step }) => ({
    ...step,
    ready_at: readyAt(run, step.dependencies),
    attempts: attempts.get(step.id) ?? [],
  }))
}

/** When the last of those steps ended; a skipped step has no time, and holds nobody up. */
function readyAt({ steps, started_at }: RunDocument, needs: readonly string[]): string | null {
  let ready = started_at
  for (const need of needs) {
    const step = steps[need]
    if (!step) continue
    if (step.success === null && step.status !== 'skipped' && step.status !== 'cancelled') return null
    if (step.completed_at !== null && step.completed_at > ready) ready = step.completed_at
  }
  return ready
}
