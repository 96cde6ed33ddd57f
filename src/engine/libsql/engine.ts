/**
 * The engine of one machine: a batch of commits is one row of a log, and one flush to the disk makes it durable.
 * Tables follow the log later. Use it wherever one process owns the data folder. `log/` writes, `tables/` stores,
 * `activation/` loads actors, and the scheduler runs their turns.
 */

import { nameOf } from '../../kernel/ref.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Actor, Cell } from '../../kernel/types.ts'
import { NOOP_OBSERVER, type Observer } from '../../observe/observer.ts'
import type { Database } from '../../store/database/database.ts'
import { createBus } from '../bus.ts'
import { type Clock, type Engine, systemClock } from '../engine.ts'
import { ID_RETENTION_MS, newId } from '../envelope.ts'
import { isCutOff } from '../inspect.ts'
import { hasMail } from '../mailbox.ts'
import { PROBATION_MS } from '../poison.ts'
import { lengthOf } from '../queue.ts'
import type { Activation } from './activation/activation.ts'
import { createCommitApplier } from './apply-commit.ts'
import { libsqlDeadLetters } from './dead-letters.ts'
import { createIdempotencyIndex } from './idempotency.ts'
import { createIngress } from './ingress.ts'
import { movingActors } from './inspect.ts'
import { checkOpen, type EngineState, stopping } from './lifecycle.ts'
import type { LogBatch } from './log/batch.ts'
import { type CheckpointLimits, createCheckpoint } from './log/checkpoint.ts'
import { createCommitter, MAX_TURNS_PER_BATCH } from './log/committer.ts'
import { compactFile } from './log/compact.ts'
import { type Doubtful, openDoubts } from './log/doubts.ts'
import { type RecoveredState, recover } from './log/recovery.ts'
import { libsqlPoisonGuard } from './poison.ts'
import { createReleaseQueue } from './release-queue.ts'
import { createRouter } from './router.ts'
import { createLibsqlScheduler } from './scheduler.ts'
import { openStoredNames, type StoredNames } from './stored/names.ts'
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
  /** told the name of each actor that a durable batch has changed or has a message for; the set may change */
  readonly watching?: ReadonlySet<(actor: string) => void>
  /** which actors are in doubt in a file that was restored from a replica; absent: none */
  readonly doubtful?: Doubtful
  /** receives the events of the engine */
  readonly observer?: Observer
}

/** The engine on one file. `counts`: its work since it was opened, and the number of actors in memory. */
export interface LibsqlEngine extends Engine {
  /** Resolves when no actor is in a turn or has due mail, and all that is on disk. Rejects if it cannot be written. */
  quiet(): Promise<void>
  /**
   * Accepts no messages and starts no turn. False if running turns have
   * not ended after `wait` ms: then the engine continues as before.
   */
  rest(wait: number, signal: AbortSignal): Promise<boolean>
  /**
   * Forgets the ids and replies of requests to these actors (`kind/key`) and the timers for which nobody waits, and
   * writes the file without the bytes of deleted rows. False if the file could not be written anew: try again later.
   */
  compact(isForgotten: (actor: string) => boolean): Promise<boolean>
  /** The actors of a kind with a turn or mail, by key: 0, or when their first timer is due. No row is read. */
  moving(kind: string): ReadonlyMap<string, number>
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
    /** at-most-once effects that the end of an earlier process cut off, and that this one has not looked at */
    readonly cutOff: number
  }
}

/** An engine over one database file. It acknowledges, replies and starts effects only when all causes are on disk. */
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
    watching = new Set(),
  } = options
  const { releaseQueue, ids, past, names, reading } = readFile(database, clock, observer)
  const { activations, pending } = past
  const [changes, deltas] = [createBus<unknown>(), createBus<Json>()]
  const state: EngineState = { phase: 'open' }

  const { evict, evictGone } = createEviction(activations, names, {
    isDurable: ({ seq }) => seq <= committer.durable,
    isSaved: (activation) => checkpoint.isSaved(activation),
  })
  const residing = { ...past, activations: activations.values(), evict, remembered: () => forgetOld(ids, clock) }
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
    doubts: openDoubts(database, past, committer, options.doubtful),
  })
  const timers = createTimers(clock, scheduler.deliver)
  const router = createRouter({ committer, scheduler, timers, clock, pending })
  const applier = createCommitApplier({ committer, scheduler, router, ids, clock, changes, onStopped: evict, observer })

  const poisonGuard = libsqlPoisonGuard({ database, committer, scheduler, router, applier, clock, probation, pending })

  function finish(...turn: Parameters<typeof applier.record>): void {
    if (state.phase === 'stopped' || state.phase === 'failed') return
    applier.record(...turn)
    const [, { envelope, taken }] = turn
    poisonGuard.ended(envelope.id, () => committer.whenDurable(taken))
  }

  const takeUp = async (only?: string) => poisonGuard.release(router.left(only))

  function onDurable(batch: LogBatch): void {
    ids.written(batch)
    applier.written(batch)
    checkpoint.written(batch.seq)
    for (const changed of watching) namesIn(batch, changed)
  }

  function fail(error: Error): void {
    state.phase = 'failed'
    state.failure = error
    ids.rejectAll(error)
    onFailed(error)
  }

  return {
    ...createIngress({
      ids,
      router,
      committer,
      clock,
      createId,
      takeUp: (only) => void takeUp(only).catch(() => {}),
      checkOpen: (kind, forTurn) => checkOpen(state, scheduler, kind, forTurn),
    }),
    view: libsqlView({ database, committer, activations, names, router, ids, clock, changes, deltas, indexes }),
    deadLetters: libsqlDeadLetters({ database, clock, checkpoint, committer, scheduler, router }),
    start: ({ only } = {}) => takeUp(only),
    ...stopping(state, { database, scheduler, committer, timers, ids, poisonGuard, reading }),
    compact: (isForgotten) =>
      compactFile({ database, committer, checkpoint, clock, router, poisonGuard, activations, pending }, isForgotten),
    moving: (kind) => movingActors({ activations, router }, kind),
    get counts() {
      const counted = { ...applier.counts, ...scheduler.counts, ...committer.counts, ...residentCounts(activations) }
      return { ...counted, cutOff: [...router.held()].filter(({ outcomes }) => isCutOff(outcomes)).length }
    },
  }
}

const forgetOld = (ids: ReturnType<typeof createIdempotencyIndex>, clock: Clock) =>
  ids.forget(clock.now() - ID_RETENTION_MS)

function namesIn({ activations, mail }: LogBatch, tell: (actor: string) => void): void {
  for (const { name } of activations) tell(name)
  for (const { envelope } of mail) tell(nameOf(envelope.to))
}

/** Reads the file: the messages and actors of the log, and the ids and names of the tables. */
function readFile(database: Database, clock: Clock, observer: Observer) {
  const releaseQueue = createReleaseQueue(clock)
  const tellDamage = (row: string) => observer.tell({ name: 'row-damage', row })
  const ids = createIdempotencyIndex(database, releaseQueue, tellDamage)
  const past = recover(database, ids)
  const names = openStoredNames(database)
  const reading = readInBackground(clock, [names, ids], tellDamage)
  for (const row of past.damaged) tellDamage(row)
  return { releaseQueue, ids, past, names, reading }
}

function residentCounts(
  activations: RecoveredState['activations'],
): Pick<LibsqlEngine['counts'], 'residents' | 'waiting'> {
  let waiting = 0
  for (const { queue } of activations.values()) waiting += lengthOf(queue)
  return { residents: activations.size, waiting }
}

type StoredState = {
  /** Whether all that the actor did is in the log on disk. */
  isDurable(activation: Activation): boolean
  /** Whether all that the actor holds is in the tables. */
  isSaved(activation: Activation): boolean
}

/** Removes actors from memory, when that loses nothing. */
function createEviction(activations: RecoveredState['activations'], names: StoredNames, stored: StoredState) {
  // an actor may leave memory when it has no work and is fully in the tables, or deleted
  function evict(activation: Activation): void {
    if (activation.cell) names.add(activation.name)
    const isBusy = activation.running || hasMail(activation) || !stored.isDurable(activation)
    const isGone = !activation.cell && !activation.stored && activation.saving.length === 0
    if (isBusy || (!isGone && !stored.isSaved(activation))) return
    if (activations.get(activation.name) === activation) activations.delete(activation.name)
  }

  // an actor that lived for a single message, or never existed, leaves no trace
  function evictGone(activation: Activation): void {
    if (!activation.cell && !activation.stored) evict(activation)
  }

  return { evict, evictGone }
}
