import type { RunDocument } from '../../src/run/document.ts'
import type { Ledger } from './ledger.ts'

/** How things stood when the process was killed: which ends were on disk, and how many calls were under way. */
export type Before = { readonly completed: ReadonlySet<string>; readonly inFlight: number }

/** What the kill cost, counted from the tools' own ledger and the run's parts; only calls that signed the ledger count. */
export type Proof = {
  /** steps whose end was durable before the kill, and that were started exactly once */
  readonly reused: number
  /** steps whose end was durable before the kill, and that were started again all the same */
  readonly reworked: number
  /** calls that were started more than once */
  readonly repeated: number
  /** calls that were started and whose end was not durable at the kill: no more than these may be repeated */
  readonly inFlight: number
  /** steps that finished without an end in the ledger */
  readonly lost: number
}

/** `run` as the disk gives it after the kill, `ledger` as the killed process left it. */
export function beforeKill({ steps }: RunDocument, ledger: Ledger): Before {
  const completed = Object.values(steps).filter(({ status }) => status === 'completed')
  const durable = new Set(completed.map(({ idempotency_key: key }) => key))
  return {
    completed: new Set(completed.map(({ id }) => id)),
    inFlight: [...ledger.keys()].filter((key) => !durable.has(key)).length,
  }
}

export function prove(run: RunDocument, before: Before, ledger: Ledger): Proof {
  const finished = Object.values(run.steps).flatMap(({ id, status, idempotency_key: key }) => {
    const call = key === undefined ? undefined : ledger.get(key)
    return call && status === 'completed' ? [{ id, ...call }] : []
  })
  const earlier = finished.filter(({ id }) => before.completed.has(id))
  return {
    reused: earlier.filter(({ starts }) => starts === 1).length,
    reworked: earlier.filter(({ starts }) => starts > 1).length,
    repeated: [...ledger.values()].filter(({ starts }) => starts > 1).length,
    inFlight: before.inFlight,
    lost: finished.filter(({ ends }) => ends === 0).length,
  }
}

/** Whether the kill cost no more than it may. */
export const holds = ({ reworked, repeated, inFlight, lost }: Proof) =>
  reworked === 0 && lost === 0 && repeated <= inFlight
