import type { Problem } from '../../errors.ts'
import type { Envelope } from '../../kernel/types.ts'
import type { Clock } from '../engine.ts'
import type { Mail } from '../mailbox.ts'
import { type Court, createTrials, poisonProblem, type Trials } from '../poison.ts'
import { type InlineDisk, mailOn } from './disk.ts'
import type { Dispatcher } from './scheduler.ts'

type Lent = {
  readonly disk: InlineDisk
  readonly clock: Clock
  readonly probation: number
  readonly dispatcher: Dispatcher
  /** Whether a message was still held; it is not any more. */
  take(id: string): boolean
  deliver(envelope: Envelope): void
  giveUp(envelope: Envelope, problem: Problem): void
}

/** Trials over an inline disk: their record is durable as soon as it is made. */
export function inlineTrials({ disk, clock, probation, dispatcher, take, deliver, giveUp }: Lent): Trials<Mail> {
  const { hold, admit, release } = dispatcher
  const court: Court<Mail> = {
    clock,
    probation,
    hold,
    admit,
    release,
    async save(record) {
      if (record) disk.boots.set('last', record)
      else disk.boots.delete('last')
    },
    deliver({ envelope }) {
      const isThere = take(envelope.id)
      if (isThere) deliver(envelope)
      return isThere
    },
    giveUp({ envelope }, crashes) {
      if (take(envelope.id)) giveUp(envelope, poisonProblem(crashes))
    },
  }
  const pending = new Set(mailOn(disk).map(({ id }) => id))
  return createTrials(court, disk.boots.get('last'), (id) => pending.has(id))
}
