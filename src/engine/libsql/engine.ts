/**
 * The engine of one machine: a batch of commits is one row of a log, and one flush to the disk makes it durable.
 * Tables follow the log later. Use it wherever one process owns the data folder. `log/` writes, `tables/` stores,
 * `activation/` loads actors, and the scheduler runs their turns.
 */

import { BusyError, CancelledError, NotFoundError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Actor, Cell } from '../../kernel/types.ts'
import { NOOP_OBSERVER, type Observer } from '../../observe/observer.ts'
import type { Database } from '../../store/database/database.ts'
import { createBus } from '../bus.ts'
import { type Clock, type Engine, systemClock } from '../engine.ts'
import { ID_RETENTION_MS, newId } from '../envelope.ts'
import { hasMail } from '../mailbox.ts'
import { PROBATION_MS } from '../poison.ts'
import { lengthOf } from '../queue.ts'
import type { Activation } from './activation/activation.ts'
import { createCommitApplier } from './apply-commit.ts'
import { libsqlDeadLetters } from './dead-letters.ts'
import { createIdempotencyIndex } from './idempotency.ts'
import { createIngress } from './ingress.ts'
import type { LogBatch } from './log/batch.ts'
import { type CheckpointLimits, createCheckpoint } from './log/checkpoint.ts'
import { createCommitter, MAX_TURNS_PER_BATCH } from './log/committer.ts'
import { compactFile } from './log/compact.ts'
import { recover } from './log/recovery.ts'
import { libsqlPoisonGuard } from './poison.ts'
import { createReleaseQueue } from './release-queue.ts'
import { createRouter } from './router.ts'
import { createLibsqlScheduler } from './scheduler.ts'
import { openStoredNames } from './stored/names.ts'
import { readInBackground } from './stored/read-in-background.ts'
import type { ListIndexes } from './tables/list-indexes.ts'
import { readInlined } from './tables/parts.ts'
import { createTimers } from './timers.ts'
import { libsqlView } from './view.ts'

export type LibsqlOptions = {
  readonly actors: readonly Actor[]
  /** opened with SCHEMA or `schemaWith`, and with STATEMENTS; closed by stop */
  readonly database: Database
  readonly clock?: Clock
  /** Makes ids for external messages without one; absent: random ids. */
  readonly createId?: () => string
  /** when and in which portions the log is moved into the tables */
  readonly checkpoint?: CheckpointLimits
  /**
   * Whether an actor with that cell is finished and will not change again. Such an actor is written once and leaves
   * memory. Absent: no actor is finished.
   */
  readonly isOver?: (cell: Cell) => boolean
  /** the list indexes of the file, which was opened with `schemaWith` them; absent: lists read all rows */
  readonly indexes?: ListIndexes
  /** maximum turns of a batch; 1 024 when absent */
  readonly batch?: number
  /** ms that a process must live before the messages it resumed count as harmless; 5 000 when absent */
  readonly probation?: number
  /** Called once when the disk refused a write. Nothing later is acknowledged; the folder must be opened anew. */
  readonly onFailed?: (error: Error) => void
  /** receives what the engine does */
  readonly observer?: Observer
}

/** The engine on one file. `counts`: its work since it was opened, and the number of actors in memory. */
export interface LibsqlEngine extends Engine {
  /**
   * Resolves when no actor is in a turn or has mail that is due, and
   * all of that is on disk. Rejects when it cannot be written.
   */
  quiet(): Promise<void>
  /**
   * Accepts no messages and starts no turn. False if running turns have
   * not ended after `wait` ms: then the engine continues as before.
   */
  rest(wait: number, signal: AbortSignal): Promise<boolean>
  /**
   * Forgets the ids and replies of requests to these actors (`kind/key`), and writes the file without the bytes of
   * deleted rows. False if the file could not be written anew: try again later.
   */
  compact(isForgotten: (actor: string) => boolean): Promise<boolean>
  readonly counts: {
    readonly turns: number
    readonly commits: number
    /** answers, errors and timers for deleted actors */
    readonly dropped: number
    /** effects that ended after their turn */
    readonly late: number
    readonly flushes: number
    readonly bytes: number
    readonly residents: number
    /** messages that wait for actors in memory */
    readonly waiting: number
  }
}

/**
 * An engine over one database file. It acknowledges a message, sends a
 * reply and starts an effect only when all their causes are on disk.
 */
export function libsqlEngine(options: LibsqlOptions): LibsqlEngine {
  const {
    actors,
    database,
    clock = systemClock,
    createId = newId,
    probation = PROBATION_MS,
    onFailed = () => {},
    observer = NOOP_OBSERVER,
    isOver = () => false,
    indexes,
  } = options
  const releaseQueue = createReleaseQueue(clock)
  const tellDamage = (row: string) => observer.tell({ name: 'row-damage', row })
  const ids = createIdempotencyIndex(database, releaseQueue, tellDamage)
  const past = recover(database, ids)
  const { activations, pending } = past
  const names = openStoredNames(database)
  const reading = readInBackground(clock, [names, ids], tellDamage)
  for (const row of past.damaged) tellDamage(row)
  const changes = createBus<unknown>()
  const deltas = createBus<Json>()
  let phase: 'open' | 'resting' | 'stopping' | 'stopped' | 'failed' = 'open'
  let failure: Error | undefined
  let stopped: Promise<void> | undefined

  const residing = { ...past, activations: activations.values(), evict, remembered }
  const checkpoint = createCheckpoint(
    { ...residing, readInlined: (name) => readInlined(database, name), isFinished: isOver },
    options.checkpoint,
  )
  const committer = createCommitter({
    database,
    clock,
    checkpoint,
    releaseQueue,
    last: past.last,
    most: options.batch ?? MAX_TURNS_PER_BATCH,
    onDurable,
    onFailed: fail,
    observer,
  })
  const scheduler = createLibsqlScheduler({
    actors,
    database,
    committer,
    clock,
    deltas,
    activations,
    names,
    finish,
    onIdle: evictGone,
    observer,
  })
  const timers = createTimers(clock, scheduler.deliver)
  const router = createRouter({ committer, scheduler, timers, clock, pending })
  const applier = createCommitApplier({ committer, scheduler, router, ids, clock, changes, onStopped: evict, observer })

  const poisonGuard = libsqlPoisonGuard({ database, committer, scheduler, router, applier, clock, probation, pending })

  function finish(...turn: Parameters<typeof applier.record>): void {
    if (phase === 'stopped' || phase === 'failed') return
    applier.record(...turn)
    const [, { envelope, taken }] = turn
    poisonGuard.ended(envelope.id, () => committer.whenDurable(taken))
  }

  async function takeUp(only?: string): Promise<number> {
    return poisonGuard.release(router.left(only))
  }

  // an actor may leave memory when it has no work and is fully in the tables, or deleted
  function evict(activation: Activation): void {
    if (activation.cell) names.add(activation.name)
    const isBusy = activation.running || hasMail(activation) || activation.seq > committer.durable
    const isGone = !activation.cell && !activation.stored && activation.saving.length === 0
    if (isBusy || (!isGone && !checkpoint.isSaved(activation))) return
    if (activations.get(activation.name) === activation) activations.delete(activation.name)
  }

  // an actor that lived for a single message, or never existed, leaves no trace
  function evictGone(activation: Activation): void {
    if (!activation.cell && !activation.stored) evict(activation)
  }

  function remembered(): number {
    return ids.forget(clock.now() - ID_RETENTION_MS)
  }

  function onDurable(batch: LogBatch): void {
    ids.written(batch)
    applier.written(batch)
    checkpoint.written(batch.seq)
  }

  function fail(error: Error): void {
    phase = 'failed'
    failure = error
    ids.rejectAll(error)
    onFailed(error)
  }

  function checkOpen(kind: string, forTurn?: true): void {
    if (failure) throw failure
    // a turn that this engine waits for
    if (forTurn && (phase === 'resting' || phase === 'stopping') && scheduler.isWorking() && scheduler.knows(kind))
      return
    if (phase === 'resting') throw new BusyError('the data folder is being moved to another engine')
    if (phase !== 'open') throw new BusyError('the engine is stopping')
    if (!scheduler.knows(kind)) throw new NotFoundError(`no actor of kind ${kind}`)
  }

  async function close(grace: number | undefined): Promise<void> {
    if (phase === 'open' || phase === 'resting') phase = 'stopping'
    reading.stop()
    timers.take(() => true)
    await scheduler.stop(grace)
    poisonGuard.end()
    // after a failed flush nothing more can be made durable
    await committer.settled().catch(() => {})
    // the last turns may have set timers: one that rang later would read a file that is closed
    timers.take(() => true)
    phase = 'stopped'
    ids.rejectAll(new CancelledError('the engine stopped; the work continues after a restart', { code: 'stopped' }))
    await database.close()
  }

  return {
    ...createIngress({
      ids,
      router,
      committer,
      clock,
      createId,
      takeUp: (only) => void takeUp(only).catch(() => {}),
      checkOpen,
    }),
    view: libsqlView({ database, committer, activations, names, router, ids, clock, changes, deltas, indexes }),
    deadLetters: libsqlDeadLetters({ database, clock, checkpoint, committer, scheduler, router }),
    start: ({ only } = {}) => takeUp(only),
    stop({ grace } = {}) {
      stopped ??= close(grace)
      return stopped
    },
    async quiet() {
      await scheduler.quiet()
      await committer.settled()
    },
    async rest(wait, signal) {
      if (phase !== 'open') return false
      phase = 'resting'
      const isAtRest = await scheduler.rest(wait, signal)
      if (!isAtRest && phase === 'resting') phase = 'open'
      if (isAtRest) await committer.settled()
      return isAtRest
    },
    compact: (isForgotten) => compactFile({ database, committer, checkpoint, clock }, isForgotten),
    get counts() {
      let waiting = 0
      for (const { queue } of activations.values()) waiting += lengthOf(queue)
      return { ...applier.counts, ...scheduler.counts, ...committer.counts, residents: activations.size, waiting }
    },
  }
}
