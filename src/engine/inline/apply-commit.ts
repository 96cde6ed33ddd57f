import type { Problem } from '../../errors.ts'
import { deadLetterCommit, poisonCommit, undeliverableMessages } from '../../kernel/dead-letter.ts'
import { nameOf } from '../../kernel/ref.ts'
import { cancelledCommit, STOPPED_BEFORE_TURN } from '../../kernel/turn.ts'
import type { Commit, Envelope, OutgoingMessage } from '../../kernel/types.ts'
import type { Observer } from '../../observe/observer.ts'
import { type Bus, DELETED } from '../bus.ts'
import type { Clock } from '../engine.ts'
import { toEnvelope } from '../envelope.ts'
import { belongsToWork, isDown, type Mailbox, removeStopped, removeWork } from '../mailbox.ts'
import { reportCommit } from '../telemetry.ts'
import type { InlineDisk } from './disk.ts'
import type { InlineReplies } from './replies.ts'
import type { InlineScheduler } from './scheduler.ts'
import type { InlineTimers } from './timers.ts'

type Options = {
  readonly disk: InlineDisk
  readonly clock: Clock
  readonly scheduler: InlineScheduler
  readonly timers: InlineTimers
  /** messages of an earlier engine that are not resumed yet */
  readonly held: Map<string, Envelope>
  readonly changes: Bus<unknown>
  readonly replies: InlineReplies
  readonly deliver: (envelope: Envelope) => void
  readonly observer: Observer
}

/** Makes commits durable, and routes what they send. */
interface InlineApplier {
  apply(box: Pick<Mailbox, 'name' | 'cell'>, commit: Commit): void
  /** Removes the mail that the turn of a `cancel` or `stop` message has ended. */
  removeMail(box: Mailbox, envelope: Envelope): void
  /** Makes a dead letter of a message. */
  giveUp(envelope: Envelope, problem: Problem): void
}

export function createInlineApplier(options: Options): InlineApplier {
  const { disk, clock, scheduler, timers, held, changes, replies, deliver, observer } = options

  function apply(box: Pick<Mailbox, 'name' | 'cell'>, commit: Commit): void {
    const isGone = box.cell !== undefined && !commit.cell
    const { replies: answers, mail } = disk.commit(box.name, commit, addressed(commit.sends))
    box.cell = commit.cell ?? undefined
    for (const envelope of mail) deliver(envelope)
    for (const answer of answers) replies.deliver(answer)
    if (isGone) changes.publish(box.name, DELETED)
    else if (commit.events.length > 0) changes.publish(box.name, undefined)
    if (commit.cell) reportCommit(observer, box.name, commit, commit.cell)
  }

  const addressed = (sends: readonly OutgoingMessage[]) => (sends.length === 0 ? [] : sends.flatMap(address))

  function address(posted: OutgoingMessage): readonly Envelope[] {
    const envelope = toEnvelope(posted, clock.now())
    const { kind } = envelope.to
    if (scheduler.knows(kind) || OWN_KINDS.has(kind)) return [envelope]
    return undeliverableMessages(envelope).flatMap(address)
  }

  // all mail of that work: waiting, delayed, or not resumed yet
  function dropWork(box: Mailbox, { correlationId, body }: Envelope): void {
    const { reason } = body as { reason: string }
    const isDropped = (mail: Envelope) => nameOf(mail.to) === box.name && belongsToWork(mail, correlationId)
    const waiting = removeWork(box, correlationId).map(({ envelope }) => envelope)
    const untaken = [...held.values()].filter(isDropped)
    for (const { id } of untaken) held.delete(id)
    for (const mail of [...waiting, ...timers.take(isDropped), ...untaken])
      apply(box, cancelledCommit(box.cell, mail, reason))
  }

  return {
    apply,
    removeMail(box, envelope) {
      if (envelope.type === 'cancel') dropWork(box, envelope)
      else if (envelope.type === 'stop' && isDown(box.cell))
        for (const mail of removeStopped(box))
          apply(box, deadLetterCommit(box.cell, mail.envelope, STOPPED_BEFORE_TURN))
    },
    giveUp(envelope, problem) {
      const name = nameOf(envelope.to)
      const box = scheduler.boxes.get(name) ?? { name, cell: disk.cells.get(name) }
      apply(box, poisonCommit(box.cell, envelope, problem))
    },
  }
}

// where replies and dead letters go
const OWN_KINDS: ReadonlySet<string> = new Set(['reply', 'deadletter'])
