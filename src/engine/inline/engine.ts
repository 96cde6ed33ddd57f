/**
 * The engine without a disk: a commit is durable as soon as memory holds it. Use it in tests and simulations, where
 * a clock and a seed decide the order of turns, and for work that may be lost when its process ends.
 */

import { BusyError, CancelledError, errorOf, NotFoundError, type Problem } from '../../errors.ts'
import { deadLetterCommit, deriveId, undeliverableMessages } from '../../kernel/commit.ts'
import { asJson } from '../../kernel/json.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { Json } from '../../kernel/schema.ts'
import { cancelledCommit, STOPPED_BEFORE_TURN } from '../../kernel/turn.ts'
import type { Actor, ActorRef, Commit, Envelope, OutgoingMessage } from '../../kernel/types.ts'
import { NOOP_OBSERVER, type Observer } from '../../observe/observer.ts'
import { createBus, DELETED } from '../bus.ts'
import { type AskOptions, type Clock, type DeadLetter, type Engine, systemClock, type TellOptions } from '../engine.ts'
import { createEnvelope, idUse, newId, resumeMessage, toEnvelope } from '../envelope.ts'
import { belongsToWork, isDown, type Mailbox, removeStopped, removeWork } from '../mailbox.ts'
import { PROBATION_MS } from '../poison.ts'
import { reportCommit } from '../telemetry.ts'
import { addMail, type InlineDisk, inlineDisk, isKnownId, pendingMail } from './disk.ts'
import { inlinePoisonGuard } from './poison.ts'
import { createInlineScheduler } from './scheduler.ts'
import { createInlineTimers } from './timers.ts'
import { inlineView } from './view.ts'

/** Options of an inline engine. Uses the system clock by default. */
export type InlineOptions = {
  readonly actors: readonly Actor[]
  readonly clock?: Clock
  /** Makes ids for external messages without one; absent: random ids. */
  readonly createId?: () => string
  /** The seed that picks the next of several ready actors; absent: the one that became ready first. */
  readonly seed?: number
  /** ms that an engine must live before the messages it resumed count as harmless; 5 000 when absent */
  readonly probation?: number
  /** the disk of an earlier engine; absent: empty */
  readonly disk?: InlineDisk
  /** receives turns, effects and events */
  readonly observer?: Observer
}

/**
 * An engine without a disk: every commit is durable at once, in memory.
 * For tests, and for work that may be lost when its process ends.
 */
export function inlineEngine(options: InlineOptions): Engine {
  const { clock = systemClock, createId = newId, probation = PROBATION_MS, disk = inlineDisk() } = options
  const { observer = NOOP_OBSERVER } = options
  const held = new Map(pendingMail(disk).map((envelope) => [envelope.id, envelope]))
  const changes = createBus<unknown>()
  const deltas = createBus<Json>()
  const waiters = createBus<Envelope>()
  const askers = new Set<(error: Error) => void>()
  const scheduler = createInlineScheduler({ ...options, disk, clock, deltas, seed: options.seed, finish, observer })
  const timers = createInlineTimers(clock, (envelope) => deliver(envelope))
  const poisonGuard = inlinePoisonGuard({
    disk,
    clock,
    probation,
    scheduler,
    take: (id) => held.delete(id),
    deliver,
    giveUp,
  })
  let phase: 'open' | 'stopping' | 'stopped' = 'open'
  let stopped: Promise<void> | undefined

  function deliver(envelope: Envelope, forTurn?: true): void {
    if (phase === 'stopped') return
    const { due } = envelope
    if (due !== undefined && due > clock.now()) timers.set(envelope, due - clock.now())
    else scheduler.deliver(envelope, forTurn)
  }

  function checkKind(kind: string): void {
    if (!scheduler.knows(kind)) throw new NotFoundError(`no actor of kind ${kind}`)
  }

  function finish(box: Mailbox, envelope: Envelope, commit: Commit): void {
    apply(box, commit)
    poisonGuard.ended(envelope.id, async () => {})
    if (envelope.type === 'cancel') dropWork(box, envelope)
    else if (envelope.type === 'stop' && isDown(box.cell))
      for (const mail of removeStopped(box)) apply(box, deadLetterCommit(box.cell, mail.envelope, STOPPED_BEFORE_TURN))
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

  function giveUp(envelope: Envelope, problem: Problem): void {
    const name = nameOf(envelope.to)
    const box = scheduler.boxes.get(name) ?? { name, cell: disk.cells.get(name) }
    apply(box, deadLetterCommit(box.cell, envelope, problem))
  }

  function apply(box: Pick<Mailbox, 'name' | 'cell'>, commit: Commit): void {
    const isGone = box.cell !== undefined && !commit.cell
    const { replies, mail } = disk.commit(box.name, commit, addressed(commit.sends))
    box.cell = commit.cell ?? undefined
    for (const envelope of mail) deliver(envelope)
    for (const reply of replies) waiters.publish(reply.to.key, reply)
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

  /** Accepts an external message. If its id is known, it only resumes the work that the first message began. */
  function accept(to: ActorRef, body: Json, given: AcceptOptions, create = createId): void {
    if (phase !== 'open' && !(phase === 'stopping' && given.forTurn)) throw new BusyError('the engine is stopping')
    checkKind(to.kind)
    const { id } = given
    const now = clock.now()
    const use = id === undefined ? '' : idUse(to, given.replyTo !== undefined)
    if (id !== undefined && isKnownId(disk, id, use, now)) {
      void takeUp(given.correlationId ?? id)
      return
    }
    const envelope = createEnvelope(to, body, now, given, create)
    if (id !== undefined) disk.known.set(id, { at: now, use })
    post(envelope, given.forTurn)
  }

  function post(envelope: Envelope, forTurn?: true): void {
    addMail(disk, envelope)
    deliver(envelope, forTurn)
  }

  async function takeUp(only?: string): Promise<number> {
    const isPicked = ({ to, correlationId }: Envelope) =>
      scheduler.knows(to.kind) && (only === undefined || correlationId === only)
    return poisonGuard.release([...held.values()].filter(isPicked).map((envelope) => ({ envelope })))
  }

  async function ask(to: ActorRef, body: Json, given: AskOptions = {}): Promise<Json> {
    const id = given.id ?? createId()
    accept(to, body, { ...given, replyTo: { kind: 'reply', key: id } }, () => id)
    const reply = disk.known.get(id)?.reply ?? (await answered(id, given.signal))
    if (reply.type === 'error') throw errorOf(reply.body as Problem)
    return asJson(reply.body)
  }

  function answered(id: string, signal: AbortSignal | undefined): Promise<Envelope> {
    const { promise, resolve, reject } = Promise.withResolvers<Envelope>()
    const stop = () => reject(new CancelledError('the caller disconnected; the work continues'))
    const leave = waiters.subscribe(id, resolve)
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop, { once: true })
    askers.add(reject)
    return promise.finally(() => {
      askers.delete(reject)
      leave()
      signal?.removeEventListener('abort', stop)
    })
  }

  async function drain(grace: number | undefined): Promise<void> {
    await scheduler.stop(grace)
    poisonGuard.end()
    timers.take(() => true)
    phase = 'stopped'
    const stop = new CancelledError('the engine stopped; the work continues after a restart', { code: 'stopped' })
    for (const reject of askers) reject(stop)
  }

  return {
    tell(to, body, given = NOTHING) {
      try {
        accept(to, body, given)
        scheduler.keepUp()
        return DONE
      } catch (error) {
        return Promise.reject(error)
      }
    },
    ask,
    async cancel(of, correlationId, reason) {
      if (phase !== 'open') throw new BusyError('the engine is stopping')
      checkKind(of.kind)
      post({ ...createEnvelope(of, { reason }, clock.now(), { correlationId }, createId), type: 'cancel' })
    },
    view: inlineView({ disk, changes, deltas, boxes: scheduler.boxes, held }),
    deadLetters: {
      list: async () => [...disk.letters.values()],
      async retry(id) {
        const { letter } = letterOf(disk.letters, id)
        checkKind(letter.to.kind)
        disk.letters.delete(id)
        const again = deriveId(id, 'retry')
        post(resumeMessage(letter))
        post({ ...letter, id: again })
        return again
      },
      async drop(id) {
        letterOf(disk.letters, id)
        disk.letters.delete(id)
      },
    },
    start: ({ only } = {}) => takeUp(only),
    async stop({ grace } = {}) {
      if (phase === 'open') phase = 'stopping'
      stopped ??= drain(grace)
      await stopped
    },
  }
}

type AcceptOptions = TellOptions & Pick<AskOptions, 'forTurn'> & { readonly replyTo?: ActorRef }

// a separate promise for each of a million tells would take a third of their memory
const DONE = Promise.resolve()
const NOTHING: TellOptions = {}

// where replies and dead letters go
const OWN_KINDS: ReadonlySet<string> = new Set(['reply', 'deadletter'])

function letterOf(letters: ReadonlyMap<string, DeadLetter>, id: string): DeadLetter {
  const letter = letters.get(id)
  if (!letter) throw new NotFoundError(`no dead letter ${id}`)
  return letter
}
