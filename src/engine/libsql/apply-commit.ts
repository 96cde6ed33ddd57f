import { deadLetterCommit, undeliverableMessages } from '../../kernel/commit.ts'
import type { Json } from '../../kernel/schema.ts'
import { cancelledCommit, STOPPED_BEFORE_TURN } from '../../kernel/turn.ts'
import type { Cell, Commit, Envelope, OutgoingMessage } from '../../kernel/types.ts'
import { type Observer, SILENT } from '../../observe/observer.ts'
import { type Bus, DELETED } from '../bus.ts'
import type { Clock, DeadLetter } from '../engine.ts'
import { toEnvelope } from '../envelope.ts'
import { isDown, removeStopped, removeWork } from '../mailbox.ts'
import { reportDeadLetter, reportEvents } from '../telemetry.ts'
import { hasUnsaved, type Letter, nothingUnsaved, type Resident } from './activation/activation.ts'
import type { KnownIds } from './idempotency.ts'
import { type Batch, list, wipe } from './log/batch.ts'
import type { Committer } from './log/committer.ts'
import type { Inbox } from './router.ts'
import type { Dispatcher } from './scheduler.ts'

type Options = {
  readonly committer: Committer
  readonly dispatcher: Dispatcher
  readonly inbox: Inbox
  readonly ids: KnownIds
  readonly clock: Clock
  readonly changes: Bus<unknown>
  readonly onStopped: (resident: Resident) => void
  readonly observer: Observer
}

/** Puts what turns decided into the current batch, and lets what they sent go on at once: causes come before effects in the log. */
export interface Recorder {
  /** All of a turn in one step, so that it lies in one batch; a cancellation takes the mail of its work along, a stop all that came before it. */
  record(resident: Resident, letter: Letter, commit: Commit): void
  /** The batch is on disk: those who follow an actor are told what happened to it. */
  written(batch: Batch): void
  /** dropped: messages that only one who is there could take, for one that is gone */
  readonly counts: { turns: number; commits: number; dropped: number }
}

export function createRecorder({
  committer,
  dispatcher,
  inbox,
  ids,
  clock,
  changes,
  onStopped,
  observer,
}: Options): Recorder {
  const counts = { turns: 0, commits: 0, dropped: 0 }

  function commitTurn(resident: Resident, letter: Letter, commit: Commit): void {
    const { batch } = committer
    batch.turns++
    letter.taken = batch.seq
    if (letter.born !== batch.seq) batch.taken.push(letter)
    if (commit.cell !== (resident.cell ?? null)) keep(resident, commit)
    else if (!commit.cell && isForTheLiving(letter.envelope)) counts.dropped++
    for (const posted of commit.sends) post(posted)
  }

  function keep(resident: Resident, commit: Commit): void {
    const { batch } = committer
    counts.commits++
    resident.cell = commit.cell ?? undefined
    resident.seq = batch.seq
    list(batch, resident)
    if (!commit.cell) {
      clear(resident)
      return
    }
    for (const name of Object.keys(commit.parts)) keepPart(resident, name, commit.parts[name]!)
    if (commit.events.length > 0) keepEvents(resident, commit.cell, commit)
  }

  function clear(resident: Resident): void {
    wipe(committer.batch, resident)
    resident.wiped = true
    if (hasUnsaved(resident)) resident.unsaved = nothingUnsaved()
  }

  function keepPart(resident: Resident, name: string, value: Json | null): void {
    const { batch } = committer
    const parts = batch.parts.get(resident) ?? new Map<string, Json | null>()
    batch.parts.set(resident, parts.set(name, value))
    resident.unsaved.parts.set(name, value)
  }

  function keepEvents(resident: Resident, { events }: Cell, { events: bodies, taken }: Commit): void {
    const { batch } = committer
    const first = events - bodies.length + 1
    const stretch = { first, correlationId: taken.correlationId, bodies, batch: batch.seq }
    const listed = batch.events.get(resident)
    if (listed) listed.push(stretch)
    else batch.events.set(resident, [stretch])
    resident.unsaved.events.push(stretch)
  }

  function post(posted: OutgoingMessage): void {
    const { kind, key } = posted.to
    if (kind === 'reply') ids.answer(key, { body: posted.body, isError: posted.type === 'error' }, committer.batch)
    else if (kind === 'deadletter') keepLetter(letterOf(posted, clock.now()))
    else if (dispatcher.knows(kind)) inbox.accept(toEnvelope(posted, clock.now()))
    else for (const instead of undeliverableMessages(toEnvelope(posted, clock.now()))) post(instead)
  }

  function keepLetter(letter: DeadLetter): void {
    committer.batch.letters.set(letter.id, letter)
    reportDeadLetter(observer, letter.letter, letter.problem)
  }

  function dropWork(resident: Resident, { correlationId, body }: Envelope): void {
    const { reason } = body as { reason: string }
    const dropped = [...removeWork(resident, correlationId), ...inbox.takeOut(resident.name, correlationId)]
    for (const letter of dropped) commitTurn(resident, letter, cancelledCommit(resident.cell, letter.envelope, reason))
  }

  function giveUpMail(resident: Resident): void {
    for (const letter of removeStopped(resident))
      commitTurn(resident, letter, deadLetterCommit(resident.cell, letter.envelope, STOPPED_BEFORE_TURN))
  }

  return {
    record(resident, letter, commit) {
      counts.turns++
      commitTurn(resident, letter, commit)
      if (letter.envelope.type === 'cancel') dropWork(resident, letter.envelope)
      else if (letter.envelope.type === 'stop' && isDown(resident.cell)) giveUpMail(resident)
      committer.endTurn()
    },
    written({ wiped, events }) {
      for (const resident of wiped) {
        changes.publish(resident.name, DELETED)
        onStopped(resident)
      }
      for (const { name } of events.keys()) changes.publish(name, undefined)
      if (observer === SILENT) return
      for (const [{ name, cell }, stretches] of events)
        for (const stretch of stretches) reportEvents(observer, name, cell?.index ?? null, stretch)
    },
    counts,
  }
}

/** Only a request or an event starts an actor. */
function isForTheLiving({ type, timer }: Envelope): boolean {
  return timer !== undefined || type === 'response' || type === 'error' || type === 'down'
}

function letterOf({ to, body }: OutgoingMessage, at: number): DeadLetter {
  const { letter, problem } = body as unknown as Pick<DeadLetter, 'letter' | 'problem'>
  return { id: to.key, at, letter, problem }
}
