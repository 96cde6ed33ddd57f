import { freeze } from '../../kernel/freeze.ts'
import { interruption } from '../../kernel/interrupt.ts'
import type { Journal } from '../../kernel/journal.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Observer } from '../../observe/observer.ts'
import type { Database } from '../../store/database.ts'
import type { Bus } from '../bus.ts'
import type { Clock } from '../engine.ts'
import { interruptible, sleep } from '../interrupt.ts'
import { enterEffect, type Running } from '../mailbox.ts'
import { observedAttempt } from '../observed.ts'
import type { Committer } from './committer.ts'
import { ownParts } from './own-parts.ts'
import type { Letter, Resident } from './resident.ts'

type Lent = {
  readonly database: Database
  readonly committer: Committer
  readonly clock: Clock
  readonly deltas: Bus<Json>
  readonly observer: Observer
  isStopping(): boolean
  /** An effect came to its end after its turn was over: nobody hears of it. */
  late(): void
}

/** The journal of one turn: an outcome is in the log no later than what follows from it. */
export function libsqlJournal(
  { database, committer, clock, deltas, observer, isStopping, late }: Lent,
  resident: Resident,
  letter: Letter,
  turn: Running,
): Journal {
  // what this turn stands on: its message, its actor's last commit, its last outcome
  let grounds = Math.max(letter.born, resident.seq)

  function record(name: string, outcome: Parameters<NonNullable<Letter['outcomes']>['set']>[1]): void {
    const { batch } = committer
    letter.outcomes ??= new Map()
    letter.outcomes.set(name, freeze(outcome))
    batch.outcomes.push({ letter, name, outcome })
    grounds = batch.seq
    committer.touch()
  }

  return {
    signal: turn.controller.signal,
    now: clock.now,
    emit: (delta) => deltas.tell(letter.envelope.correlationId, delta),
    part: ownParts(database, resident),
    async once(name, attempt, { start, until }) {
      const known = letter.outcomes?.get(name)
      if (known) return known
      const act = observedAttempt(observer, letter.envelope, name, attempt)
      let leave: (() => void) | undefined
      const begin = () => {
        // ended while it waited for the disk: it must not begin
        if (turn.halted) throw interruption('the turn was interrupted')
        leave = enterEffect(turn, name, clock.now())
        return act()
      }
      const mustWait = start === 'durable' && grounds > committer.durable
      const outcome = await interruptible(
        turn,
        mustWait ? () => committer.whenDurable(grounds).then(begin) : begin,
        late,
      )
      leave?.()
      record(name, outcome)
      if (until === 'durable') await interruptible(turn, () => committer.whenDurable(grounds))
      return outcome
    },
    sleep: (_name, delay) => interruptible(turn, () => sleep(clock, delay, turn, isStopping)),
  }
}
