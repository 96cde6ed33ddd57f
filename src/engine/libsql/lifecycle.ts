import { BusyError, CancelledError, NotFoundError } from '../../errors.ts'
import type { Database } from '../../store/database/database.ts'
import type { PoisonGuard } from '../poison.ts'
import type { QueuedMessage } from './activation/activation.ts'
import type { LibsqlEngine } from './engine.ts'
import type { IdempotencyIndex } from './idempotency.ts'
import type { Committer } from './log/committer.ts'
import type { LibsqlScheduler } from './scheduler.ts'
import type { Timers } from './timers.ts'

/** The phase of an engine; `failure`: why the disk refused a write. */
export type EngineState = {
  phase: 'open' | 'resting' | 'stopping' | 'stopped' | 'failed'
  failure?: Error
}

/** Throws when the engine accepts no messages, or none for that kind. */
export function checkOpen(state: EngineState, scheduler: LibsqlScheduler, kind: string, forTurn?: true): void {
  if (state.failure) throw state.failure
  const { phase } = state
  // a turn that this engine waits for
  if (forTurn && (phase === 'resting' || phase === 'stopping') && scheduler.isWorking() && scheduler.knows(kind)) return
  if (phase === 'resting') throw new BusyError('The data folder is being moved to another engine.')
  if (phase !== 'open') throw new BusyError('The engine is stopping.')
  if (!scheduler.knows(kind)) throw new NotFoundError(`There is no actor of kind ${kind}.`)
}

type StoppingParts = {
  readonly database: Database
  readonly scheduler: LibsqlScheduler
  readonly committer: Committer
  readonly timers: Timers
  readonly ids: IdempotencyIndex
  readonly poisonGuard: PoisonGuard<QueuedMessage>
  /** ids and names that are still being read */
  readonly reading: { stop(): void }
}

/** How an engine becomes quiet, comes to rest, and stops. */
export function stopping(
  state: EngineState,
  { database, scheduler, committer, timers, ids, poisonGuard, reading }: StoppingParts,
): Pick<LibsqlEngine, 'quiet' | 'rest' | 'stop'> {
  let stopped: Promise<void> | undefined

  async function close(grace: number | undefined): Promise<void> {
    if (state.phase === 'open' || state.phase === 'resting') state.phase = 'stopping'
    reading.stop()
    timers.clear()
    await scheduler.stop(grace)
    poisonGuard.end()
    // after a failed flush nothing more can be made durable
    await committer.settled().catch(() => {})
    // the last turns may have set timers: one that rang later would read a file that is closed
    timers.clear()
    state.phase = 'stopped'
    ids.rejectAll(new CancelledError('The engine stopped; the work continues after a restart.', { code: 'stopped' }))
    await database.close()
  }

  return {
    async quiet() {
      await scheduler.quiet()
      await committer.settled()
    },
    async rest(wait, signal) {
      if (state.phase !== 'open') return false
      state.phase = 'resting'
      const isAtRest = await scheduler.rest(wait, signal)
      if (!isAtRest && state.phase === 'resting') state.phase = 'open'
      if (isAtRest) await committer.settled()
      return isAtRest
    },
    stop({ grace } = {}) {
      stopped ??= close(grace)
      return stopped
    },
  }
}
