import { BusyError, is } from '../../../errors.ts'
import { NOOP_OBSERVER, type Observer } from '../../../observe/observer.ts'
import type { Database, Write } from '../../../store/database/database.ts'
import type { Clock } from '../../engine.ts'
import type { ReleaseQueue } from '../release-queue.ts'
import { countCharacters } from '../tables/rows.ts'
import type { DurabilityWaiter, LogBatch } from './batch.ts'
import { createLogBatch, isBatchEmpty, serializeBatch, serializeIds } from './batch.ts'
import type { Checkpoint } from './checkpoint.ts'

/** Flushes batches in order, one at a time: the next flush starts as soon as the last has ended. */
export interface Committer {
  /** The batch that collects the present changes. */
  readonly batch: LogBatch
  /** The number of the last batch on disk: the watermark. */
  readonly durable: number
  /** Something was added to the batch: it will be flushed. */
  touch(): void
  /** All changes of a turn are in the batch. The batch may be sealed only between turns. */
  endTurn(): void
  whenDurable(seq: number): Promise<void>
  /** Like `durable`, but without a promise. Calls `waiter` at once if the batch is already on disk. */
  afterDurable(seq: number, waiter: DurabilityWaiter): void
  /** Resolves when all decisions so far are on disk; rejects when they cannot be written. */
  settled(): Promise<void>
  readonly counts: { flushes: number; bytes: number }
}

type Options = {
  readonly database: Database
  readonly clock: Clock
  readonly checkpoint: Checkpoint
  readonly releaseQueue: ReleaseQueue
  readonly last: number
  /** turns that a batch holds at most */
  readonly most: number
  /** Called once per durable batch, in order. */
  readonly onDurable: (batch: LogBatch) => void
  readonly onFailed: (error: Error) => void
  readonly observer: Observer
}

/** A batch is sealed early when it holds this many turns, so that no flush grows without bound. */
export const MAX_TURNS_PER_BATCH = 1024

export function createCommitter({
  database,
  clock,
  checkpoint,
  releaseQueue,
  last,
  most,
  onDurable,
  onFailed,
  observer,
}: Options): Committer {
  const sealed: Write[] = []
  // in order, one number after the other
  const undurable: LogBatch[] = []
  const counts = { flushes: 0, bytes: 0 }
  let batch = open(last + 1)
  let durable = last
  let scheduled = false
  let flying = false
  // whether this thread can work during a flush
  let overlaps = false
  let failure: Error | undefined
  let begun = 0
  let departed = 0
  let landed = 0
  let flight = 1

  function open(seq: number): LogBatch {
    const opened = createLogBatch(seq)
    undurable.push(opened)
    return opened
  }

  function touch(): void {
    if (scheduled || flying || failure) return
    scheduled = true
    clock.soon(settle)
  }

  // waiters being released may add to this batch: let them run before sealing it
  function settle(): void {
    if (releaseQueue.pending && !flying && !isLate()) clock.soon(settle)
    else flush()
  }

  const whenDurable = (seq: number) => new Promise<void>((resolve, reject) => afterDurable(seq, { resolve, reject }))

  function afterDurable(seq: number, waiter: DurabilityWaiter): void {
    if (seq <= durable) waiter.resolve()
    else if (failure) waiter.reject(failure)
    else undurable[seq - durable - 1]!.waiters.push(waiter)
  }

  function endTurn(): void {
    if (batch.turns === 1) begun = clock.elapsed()
    if (batch.turns >= most) seal()
    touch()
  }

  // the disk was idle for much of the time that a flush takes, although there is something to write
  function isLate(): boolean {
    return overlaps && clock.elapsed() - Math.max(begun, landed) > flight / 2
  }

  // serialised here, between turns: later decisions belong to a later batch
  function seal(): void {
    const over = checkpoint.writeThrough(batch)
    const { text: log, pending } = serializeBatch(batch)
    const ids = serializeIds(batch)
    const bytes = log.length + (ids?.length ?? 0)
    const rows = [...batch.rows, ...over, ...(checkpoint.piggyback(batch, pending, bytes) ?? [])]
    counts.bytes += bytes + countCharacters(over)
    sealed.push({ seq: batch.seq, log, ...(ids && { ids }), ...(rows.length > 0 && { rows }) })
    batch = open(batch.seq + 1)
  }

  function flush(): void {
    scheduled = false
    if (failure || flying) return
    if (sealed.length === 0) {
      if (isBatchEmpty(batch) && !checkpoint.isBehind()) return
      seal()
    }
    flying = true
    departed = clock.elapsed()
    counts.flushes++
    database.write(sealed.shift()!)
    overlaps = flying
  }

  database.onWritten((seq) => {
    const written = undurable.shift()!
    flying = false
    durable = seq
    landed = clock.elapsed()
    flight += (landed - departed - flight) / 8
    if (observer !== NOOP_OBSERVER) observer.tell({ name: 'flush-end', ms: landed - departed })
    onDurable(written)
    // resolve external callers first; internal waiters continue afterwards
    releaseQueue.add(written.waiters, ({ resolve }) => resolve(), written.answered.length > 0)
    if (sealed.length > 0 || !isBatchEmpty(batch) || checkpoint.isBehind()) touch()
  })

  database.onFailed((error) => {
    if (failure) return
    failure = is(error) && error.code === 'fenced' ? error : degraded(error)
    for (const { waiters } of undurable) for (const { reject } of waiters) reject(failure)
    observer.tell({ name: 'disk-fail', code: is(failure) ? failure.code : 'degraded' })
    onFailed(failure)
  })

  return {
    get batch() {
      return batch
    },
    get durable() {
      return durable
    },
    touch,
    endTurn,
    counts,
    whenDurable,
    afterDurable,
    settled: () => (failure ? Promise.reject(failure) : whenDurable(isBatchEmpty(batch) ? batch.seq - 1 : batch.seq)),
  }
}

function degraded(cause: Error): BusyError {
  return new BusyError(`The data folder cannot be written: ${cause.message}`, { code: 'degraded', cause })
}
