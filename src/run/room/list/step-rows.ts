import type { EngineView } from '../../../engine/engine.ts'
import { InvalidError } from '../../../errors.ts'
import { KIND } from '../../../house/actors.ts'
import type { PageQuery } from '../../../house/paging.ts'
import { isTurnedAway } from '../../../work/turned-away.ts'
import type { RunDocument, StepDetail, StepDocument, StepRow } from '../../document.ts'
import { addTries, attemptsOf, type FailedTries } from './step-attempts.ts'

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

  /**
   * A page of the steps of a run.
   * @throws InvalidError `bad_cursor` if `after` is not a step of the run
   */
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
