import type { Problem } from '../../errors.ts'
import type { Envelope } from '../../kernel/types.ts'
import type { Clock } from '../engine.ts'
import type { Mail } from '../mailbox.ts'
import { createPoisonGuard, type PoisonGuard, type PoisonGuardPorts, poisonProblem } from '../poison.ts'
import { type InlineDisk, pendingMail } from './disk.ts'
import type { InlineScheduler } from './scheduler.ts'

type Dependencies = {
  readonly disk: InlineDisk
  readonly clock: Clock
  readonly probation: number
  readonly scheduler: InlineScheduler
  /** Releases a held message. Returns whether it was held. */
  take(id: string): boolean
  deliver(envelope: Envelope): void
  giveUp(envelope: Envelope, problem: Problem): void
}

/** The poison guard of an inline disk, where a record is durable at once. */
export function inlinePoisonGuard({
  disk,
  clock,
  probation,
  scheduler,
  take,
  deliver,
  giveUp,
}: Dependencies): PoisonGuard<Mail> {
  const { hold, admit, release } = scheduler
  const ports: PoisonGuardPorts<Mail> = {
    clock,
    probation,
    hold,
    admit,
    release,
    recorded: (id) => disk.outcomes.get(id)?.size ?? 0,
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
  const pending = new Set(pendingMail(disk).map(({ id }) => id))
  return createPoisonGuard(ports, disk.boots.get('last'), (id) => pending.has(id))
}
