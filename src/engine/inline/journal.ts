import type { Journal } from '../../kernel/journal.ts'
import { freeze, type Json } from '../../kernel/json.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { EffectOutcome } from '../../kernel/types.ts'
import type { Observer } from '../../observe/observer.ts'
import { attemptMark } from '../attempt-mark.ts'
import type { Bus } from '../bus.ts'
import type { Clock } from '../engine.ts'
import { interruptible, sleep, startEffect } from '../interrupt.ts'
import type { RunningTurn } from '../mailbox.ts'
import { observeAttempt } from '../telemetry.ts'
import type { InlineDisk } from './disk.ts'

type Dependencies = {
  readonly disk: InlineDisk
  readonly clock: Clock
  readonly deltas: Bus<Json>
  readonly turn: RunningTurn
  readonly observer: Observer
  isStopping(): boolean
}

/** The journal of one turn over an inline disk: everything is durable as soon as it is recorded. */
export function inlineJournal({ disk, clock, deltas, turn, observer, isStopping }: Dependencies): Journal {
  const { envelope } = turn

  function record(key: string, outcome: EffectOutcome): void {
    const outcomes = disk.outcomes.get(envelope.id) ?? new Map<string, EffectOutcome>()
    disk.outcomes.set(envelope.id, outcomes.set(key, freeze(outcome)))
  }

  return {
    signal: turn.controller.signal,
    now: clock.now,
    emit: (delta, topic = envelope.correlationId) => deltas.publish(topic, delta),
    part: async (name) => disk.parts.get(nameOf(envelope.to))?.get(name),
    once(key, attempt) {
      const known = disk.outcomes.get(envelope.id)?.get(key)
      if (known) return Promise.resolve(known)
      const act = observeAttempt(observer, envelope, key, attempt)
      return interruptible(turn, startEffect(turn, { key, clock, act, record }))
    },
    mark: (name) =>
      attemptMark(name, {
        turn,
        outcomes: disk.outcomes.get(envelope.id),
        now: clock.now,
        record,
        whenKept: (done) => done(),
      }),
    sleep: (_key, delay) => sleep(clock, delay, turn, isStopping),
  }
}
