import type { Journal } from '../../kernel/journal.ts'
import { freeze, type Json } from '../../kernel/json.ts'
import type { EffectOutcome } from '../../kernel/types.ts'
import type { Observer } from '../../observe/observer.ts'
import type { Database } from '../../store/database/database.ts'
import { attemptMark } from '../attempt-mark.ts'
import type { Bus } from '../bus.ts'
import type { Clock } from '../engine.ts'
import { interruptible, type StartWork, sleep, startEffect } from '../interrupt.ts'
import type { RunningTurn } from '../mailbox.ts'
import { observeAttempt } from '../telemetry.ts'
import type { Activation, QueuedMessage } from './activation/activation.ts'
import type { Committer } from './log/committer.ts'
import type { Doubts } from './log/doubts.ts'
import { partReader } from './tables/parts.ts'

type Dependencies = {
  readonly database: Database
  readonly committer: Committer
  readonly clock: Clock
  readonly deltas: Bus<Json>
  readonly observer: Observer
  readonly doubts: Doubts
  isStopping(): boolean
  /** An effect ended after its turn: its outcome is discarded. */
  late(): void
}

/** The journal of one turn. An outcome is in the log no later than the effects and messages that follow from it. */
export function libsqlJournal(
  { database, committer, clock, deltas, observer, doubts, isStopping, late }: Dependencies,
  activation: Activation,
  message: QueuedMessage,
  turn: RunningTurn,
): Journal {
  // the causes of this turn: its message, the last commit of its actor, and its last outcome
  let grounds = Math.max(message.born, activation.seq)

  function record(name: string, outcome: EffectOutcome): void {
    const { batch } = committer
    message.outcomes ??= new Map()
    message.outcomes.set(name, freeze(outcome))
    batch.outcomes.push({ message, name, outcome })
    grounds = batch.seq
    committer.touch()
  }

  /** Returns the outcome when it is on disk. */
  function onceDurable(outcome: EffectOutcome): Promise<EffectOutcome> {
    return interruptible(turn, (done, reject) =>
      committer.afterDurable(grounds, { resolve: () => done(outcome), reject }),
    )
  }

  return {
    signal: turn.controller.signal,
    now: clock.now,
    // its message was recovered
    ...(message.born === 0 && { isTakenUp: true }),
    emit: (delta, topic = message.envelope.correlationId) => deltas.publish(topic, delta),
    part: partReader(database, activation),
    once(name, attempt, { start, until }) {
      const known = message.outcomes?.get(name)
      if (known) return Promise.resolve(known)
      const began = name.endsWith('#begin') ? doubts.take(activation.name) : undefined
      if (began !== undefined) {
        record(name, { value: null, began })
        return Promise.resolve({ value: null, began })
      }
      const act = observeAttempt(observer, message.envelope, name, attempt)
      const begin = startEffect(turn, { key: name, clock, act, record })
      const mustWait = start === 'durable' && grounds > committer.durable
      const whenDurable: StartWork<EffectOutcome> = (done, fail) =>
        committer.afterDurable(grounds, { resolve: () => begin(done, fail), reject: fail })
      const ended = interruptible(turn, mustWait ? whenDurable : begin, late)
      return until === 'durable' ? ended.then(onceDurable) : ended
    },
    mark: (name) =>
      attemptMark(name, {
        turn,
        now: clock.now,
        record,
        outcomes: message.outcomes,
        whenKept: (resolve, reject) => committer.afterDurable(grounds, { resolve, reject }),
      }),
    whenDurable: () =>
      grounds <= committer.durable
        ? Promise.resolve()
        : interruptible(turn, (resolve, reject) => committer.afterDurable(grounds, { resolve, reject })),
    sleep: (_name, delay) => sleep(clock, delay, turn, isStopping),
  }
}
