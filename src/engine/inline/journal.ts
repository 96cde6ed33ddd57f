import { freeze } from '../../kernel/freeze.ts'
import type { Journal } from '../../kernel/journal.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Outcome } from '../../kernel/types.ts'
import type { Observer } from '../../observe/observer.ts'
import type { Bus } from '../bus.ts'
import type { Clock } from '../engine.ts'
import { interruptible, sleep } from '../interrupt.ts'
import { type Running, withItem, withoutItem } from '../mailbox.ts'
import { observedAttempt } from '../observed.ts'
import type { InlineDisk } from './disk.ts'

type Lent = {
  readonly disk: InlineDisk
  readonly clock: Clock
  readonly deltas: Bus<Json>
  readonly turn: Running
  readonly observer: Observer
  isStopping(): boolean
}

/** The journal of one turn over an inline disk: everything is durable as soon as it is recorded. */
export function inlineJournal({ disk, clock, deltas, turn, observer, isStopping }: Lent): Journal {
  const { envelope } = turn
  return {
    signal: turn.controller.signal,
    now: clock.now,
    emit: (delta) => deltas.tell(envelope.correlationId, delta),
    part: async (name) => disk.parts.get(nameOf(envelope.to))?.get(name),
    once(key, attempt) {
      const known = disk.outcomes.get(envelope.id)?.get(key)
      if (known) return Promise.resolve(known)
      const act = observedAttempt(observer, envelope, key, attempt)
      return interruptible(turn, (done, fail) => {
        const effect = { key, since: clock.now() }
        turn.effects = withItem(turn.effects, effect)
        act().then((outcome) => {
          turn.effects = withoutItem(turn.effects, effect)
          if (!turn.halted) record(disk, envelope.id, key, outcome)
          done(outcome)
        }, fail)
      })
    },
    sleep: (_key, delay) => sleep(clock, delay, turn, isStopping),
  }
}

function record(disk: InlineDisk, id: string, key: string, outcome: Outcome): void {
  const outcomes = disk.outcomes.get(id) ?? new Map<string, Outcome>()
  disk.outcomes.set(id, outcomes.set(key, freeze(outcome)))
}
