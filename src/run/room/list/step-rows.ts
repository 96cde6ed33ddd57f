import type { EngineView } from '../../../engine/engine.ts'
import { InvalidError } from '../../../errors.ts'
import { KIND } from '../../../house/actors.ts'
import type { PageQuery } from '../../../house/paging.ts'
import { formatTime } from '../../../lib/time/moment.ts'
import { MAX_TRIES, type StepTry } from '../../../step/record/step.ts'
import { isTurnedAway } from '../../../work/turned-away.ts'
import type { RunDocument, StepAttemptRow, StepDetail, StepDocument, StepRow } from '../../document.ts'
import type { RunEvent } from '../../event.ts'

type Parts = {
  /** its durable events after a number that exist now */
  events(run: string, after?: number): AsyncIterable<{ readonly n: number; readonly body: unknown }>
  read(run: string): Promise<RunDocument>
  /** the attempts that work now, by their steps, as far as they are known */
  working(run: string): Promise<ReadonlyMap<string, WorkingAttempt>>
  now(): number
}

/** When an attempt began, in ms since the epoch, if it is known, and whether it still waits for a place in a pool. */
type WorkingAttempt = { readonly since: number | undefined; readonly isQueued: boolean }

/** All rows of a run as they were at its event `last`, and the attempts that failed by then. */
type ReadRows = {
  readonly run: string
  readonly last: number
  readonly rows: readonly StepRow[]
  readonly failed: FailedTries
}

/** The steps of runs, in pages, without their results. */
export class StepRows {
  readonly #parts: Parts
  // the next page needs the same rows, unless something happened; without a next page they are soon collected
  #read: WeakRef<ReadRows> | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** A page of the steps of a run. InvalidError `bad_cursor` if `after` is not a step of the run. */
  async page(run: string, { after, limit = 100 }: PageQuery = {}): Promise<readonly StepRow[]> {
    const { rows } = (after !== undefined && (await this.#known(run))) || (await this.#readAll(run))
    const from = after === undefined ? 0 : rows.findIndex(({ id }) => id === after) + 1
    if (after !== undefined && from === 0)
      throw new InvalidError(`${after.slice(0, 100)} is not a step of this run.`, {
        code: 'bad_cursor',
        hint: 'Give the `next` of the page before.',
      })
    return rows.slice(from, from + limit)
  }

  /** A step with its attempts. One that has ended may have been cut off before, which only the events tell. */
  async withAttempts(step: StepDetail): Promise<StepDetail> {
    const isTold = step.completed_at !== null || step.retries > 0 || step.retry_at !== undefined
    const failed = isTold ? await this.#failedIn(step.run) : undefined
    const attempts = attemptsOf(step, failed?.get(step.id), this.#parts.now())
    return attempts.length === 0 ? step : { ...step, attempts }
  }

  async #failedIn(run: string): Promise<FailedTries> {
    const known = await this.#known(run)
    if (known) return known.failed
    const failed: FailedTries = new Map()
    await addTries(failed, this.#parts.events(run))
    return failed
  }

  async #known(run: string): Promise<ReadRows | undefined> {
    const read = this.#read?.deref()
    if (read?.run !== run) return undefined
    for await (const _ of this.#parts.events(run, read.last)) return undefined
    return read
  }

  async #readAll(run: string): Promise<ReadRows> {
    const { events, read, working, now } = this.#parts
    const failed: FailedTries = new Map()
    // what happens while the document is read shows at the next page
    const last = await addTries(failed, events(run))
    const document = await read(run)
    const atWork = document.completed_at === null ? await working(run) : undefined
    const rows = Object.values(document.steps).map(({ value: _, ...step }) => {
      const { since, isQueued } = atWork?.get(step.id) ?? {}
      return {
        ...step,
        ...(isQueued && isUnderWay(step) && { waits_for: 'pool' }),
        ready_at: readyAt(document, step.dependencies),
        attempts: attemptsOf(step, failed.get(step.id), now(), since),
      }
    })
    const all = { run, last, rows, failed }
    this.#read = new WeakRef(all)
    return all
  }
}

/** After a pause, a step counts as waiting until its attempt ends. */
const isUnderWay = ({ status, retry_at }: Pick<StepDocument, 'status' | 'retry_at'>) =>
  status === 'running' || (status === 'waiting' && retry_at !== undefined)

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

/** The steps of one run whose attempts are looked up. */
const MAX_WORKING = 1000

/** The attempts of a run that work now, as the process at work says; `isQueued`: whether a call is in a queue. */
export async function workingSteps(
  { inspect }: Pick<EngineView, 'inspect'>,
  run: string,
  isQueued: (call: string) => boolean,
): Promise<ReadonlyMap<string, WorkingAttempt>> {
  const prefix = `${run}.`
  const actors = await inspect({ kind: KIND.step, after: { kind: KIND.step, key: prefix }, limit: MAX_WORKING })
  return new Map(
    actors.flatMap(({ of: { key }, turn }) => {
      if (!turn?.effect || !key.startsWith(prefix)) return []
      const { since, name } = turn.effect
      const waits = isTurnedAway(turn.effect) || isQueued(`${turn.id}/${name}`)
      return [[key.slice(prefix.length), { since, isQueued: waits }] as const]
    }),
  )
}

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
