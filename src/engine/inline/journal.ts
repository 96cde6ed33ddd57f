import { interruption } from '../../kernel/interrupt.ts'
import type { Journal } from '../../kernel/journal.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Outcome } from '../../kernel/types.ts'
import type { Bus } from '../bus.ts'
import type { Clock } from '../engine.ts'
import { nameOf, type Running } from '../mailbox.ts'
import type { InlineDisk } from './disk.ts'

type Lent = {
  readonly disk: InlineDisk
  readonly clock: Clock
  readonly deltas: Bus<Json>
  readonly turn: Running
  isStopping(): boolean
}

/** The journal of one turn over an inline disk: everything is durable as soon as it is recorded. */
export function inlineJournal({ disk, clock, deltas, turn, isStopping }: Lent): Journal {
  const { envelope, controller } = turn
  const guard = interruptible(turn)
  return {
    signal: controller.signal,
    now: clock.now,
    emit: (delta) => deltas.tell(envelope.correlationId, delta),
    part: async (name) => disk.parts.get(nameOf(envelope.to))?.get(name),
    async once(key, attempt) {
      const known = disk.outcomes.get(envelope.id)?.get(key)
      if (known) return known
      const outcome = await guard(attempt)
      record(disk, envelope.id, key, outcome)
      return outcome
    },
    sleep: (_key, delay) => guard(() => sleep(clock, delay, turn, isStopping)),
  }
}

function record(disk: InlineDisk, id: string, key: string, outcome: Outcome): void {
  const outcomes = disk.outcomes.get(id) ?? new Map<string, Outcome>()
  disk.outcomes.set(id, outcomes.set(key, outcome))
}

/** Runs work of a turn; once the turn is interrupted it rejects at once, whatever the work goes on to do. */
export function interruptible(turn: Running): <T>(work: () => Promise<T>) => Promise<T> {
  const { signal } = turn.controller
  return async (work) => {
    let stop = () => {}
    const interrupted = new Promise<never>((_, reject) => {
      stop = () => {
        turn.interrupted = true
        reject(interruption('the turn was interrupted'))
      }
    })
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    try {
      return await Promise.race([interrupted, signal.aborted ? interrupted : work()])
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }
}

/** A pause between attempts; an engine that stops does not wait for it. */
export function sleep(clock: Clock, delay: number, turn: Running, isStopping: () => boolean): Promise<void> {
  turn.sleeping = true
  return new Promise((resolve) => {
    if (isStopping()) return turn.controller.abort()
    const off = clock.after(delay, () => {
      turn.sleeping = false
      resolve()
    })
    turn.controller.signal.addEventListener('abort', off, { once: true })
  })
}
