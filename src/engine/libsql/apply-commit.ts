import { deadLetterCommit, undeliverableMessages } from '../../kernel/dead-letter.ts'
import type { Json } from '../../kernel/schema.ts'
import { cancelledCommit, STOPPED_BEFORE_TURN } from '../../kernel/turn.ts'
import type { Cell, Commit, Envelope, OutgoingMessage } from '../../kernel/types.ts'
import { NOOP_OBSERVER, type Observer } from '../../observe/observer.ts'
import { type Bus, DELETED } from '../bus.ts'
import type { Clock, DeadLetter } from '../engine.ts'
import { toEnvelope } from '../envelope.ts'
import { isDown, removeStopped, removeWork } from '../mailbox.ts'
import { reportDeadLetter, reportEvents } from '../telemetry.ts'
import { type Activation, createUnsaved, hasUnsaved, type QueuedMessage } from './activation/activation.ts'
import type { IdempotencyIndex } from './idempotency.ts'
import { type LogBatch, listActivation, wipeActivation } from './log/batch.ts'
import type { Committer } from './log/committer.ts'
import type { Router } from './router.ts'
import type { LibsqlScheduler } from './scheduler.ts'

type Options = {
  readonly committer: Committer
  readonly scheduler: LibsqlScheduler
  readonly router: Router
  readonly ids: IdempotencyIndex
  readonly clock: Clock
  readonly changes: Bus<unknown>
  readonly onStopped: (activation: Activation) => void
  readonly observer: Observer
}

/** Applies commits: adds them to the batch and routes their messages at once. Causes precede effects in the log. */
export interface CommitApplier {
  /** Applies a turn to one batch. A cancellation also removes the mail of its work; a stop removes all earlier mail. */
  record(activation: Activation, message: QueuedMessage, commit: Commit): void
  /** The batch is on disk: publishes changes and events to followers. */
  written(batch: LogBatch): void
  /** dropped: messages to deleted actors that do not start an actor */
  readonly counts: { turns: number; commits: number; dropped: number }
}

export function createCommitApplier({
  committer,
  scheduler,
  router,
  ids,
  clock,
  changes,
  onStopped,
  observer,
}: Options): CommitApplier {
  const counts = { turns: 0, commits: 0, dropped: 0 }

  function commitTurn(activation: Activation, message: QueuedMessage, commit: Commit): void {
    const { batch } = committer
    batch.turns++
    message.taken = batch.seq
    if (message.born !== batch.seq) batch.taken.push(message)
    if (commit.cell !== (activation.cell ?? null)) keep(activation, commit)
    else if (!commit.cell && needsLiveActor(message.envelope)) counts.dropped++
    for (const posted of commit.sends) {
      scheduler.doubts.spread(activation.name, posted.to)
      post(posted)
    }
  }

  function keep(activation: Activation, commit: Commit): void {
    const { batch } = committer
    counts.commits++
    activation.cell = commit.cell ?? undefined
    scheduler.doubts.changed(activation.name, activation.cell)
    activation.seq = batch.seq
    listActivation(batch, activation)
    if (!commit.cell) {
      clear(activation)
      return
    }
    for (const name of Object.keys(commit.parts)) keepPart(batch, activation, name, commit.parts[name]!)
    if (commit.events.length > 0) keepEvents(batch, activation, commit.cell, commit)
  }

  function clear(activation: Activation): void {
    wipeActivation(committer.batch, activation)
    activation.wiped = true
    if (hasUnsaved(activation)) activation.unsaved = createUnsaved()
  }

  function post(posted: OutgoingMessage): void {
    const { kind, key } = posted.to
    if (kind === 'reply') ids.answer(key, { body: posted.body, isError: posted.type === 'error' }, committer.batch)
    else if (kind === 'deadletter') keepLetter(letterOf(posted, clock.now()))
    else if (scheduler.knows(kind)) router.accept(toEnvelope(posted, clock.now()))
    else for (const instead of undeliverableMessages(toEnvelope(posted, clock.now()))) post(instead)
  }

  function keepLetter(letter: DeadLetter): void {
    committer.batch.letters.set(letter.id, letter)
    reportDeadLetter(observer, letter.letter, letter.problem)
  }

  function dropWork(activation: Activation, { correlationId, body }: Envelope): void {
    const { reason } = body as { reason: string }
    const dropped = [...removeWork(activation, correlationId), ...router.takeOut(activation.name, correlationId)]
    for (const message of dropped)
      commitTurn(activation, message, cancelledCommit(activation.cell, message.envelope, reason))
  }

  function giveUpMail(activation: Activation): void {
    for (const message of removeStopped(activation))
      commitTurn(activation, message, deadLetterCommit(activation.cell, message.envelope, STOPPED_BEFORE_TURN))
  }

  return {
    record(activation, message, commit) {
      counts.turns++
      commitTurn(activation, message, commit)
      if (message.envelope.type === 'cancel') dropWork(activation, message.envelope)
      else if (message.envelope.type === 'stop' && isDown(activation.cell)) giveUpMail(activation)
      committer.endTurn()
    },
    written({ wiped, events }) {
      for (const activation of wiped) {
        changes.publish(activation.name, DELETED)
        onStopped(activation)
      }
      for (const { name } of events.keys()) changes.publish(name, undefined)
      if (observer === NOOP_OBSERVER) return
      for (const [{ name, cell }, ranges] of events)
        for (const range of ranges) reportEvents(observer, name, cell?.index ?? null, range)
    },
    counts,
  }
}

function keepPart(batch: LogBatch, activation: Activation, name: string, value: Json | null): void {
  const parts = batch.parts.get(activation) ?? new Map<string, Json | null>()
  batch.parts.set(activation, parts.set(name, value))
  activation.unsaved.parts.set(name, value)
}

function keepEvents(batch: LogBatch, activation: Activation, { events }: Cell, commit: Commit): void {
  const { events: bodies, taken } = commit
  const first = events - bodies.length + 1
  const range = { first, correlationId: taken.correlationId, bodies, batch: batch.seq }
  const listed = batch.events.get(activation)
  if (listed) listed.push(range)
  else batch.events.set(activation, [range])
  activation.unsaved.events.push(range)
}

/** Only a request or an event starts an actor. */
function needsLiveActor({ type, timer }: Envelope): boolean {
  return timer !== undefined || type === 'response' || type === 'error' || type === 'down'
}

function letterOf({ to, body }: OutgoingMessage, at: number): DeadLetter {
  const { letter, problem } = body as Pick<DeadLetter, 'letter' | 'problem'>
  return { id: to.key, at, letter, problem }
}
