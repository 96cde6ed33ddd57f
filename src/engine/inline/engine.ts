import { BusyError, CancelledError, errorOf, NotFoundError, type Problem } from '../../errors.ts'
import { childId, giveUpTurn, undeliverable } from '../../kernel/commit.ts'
import { asJson } from '../../kernel/json.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { Json } from '../../kernel/schema.ts'
import { dropTurn, STOPPED } from '../../kernel/turn.ts'
import type { Actor, ActorRef, Commit, Envelope, Posted } from '../../kernel/types.ts'
import { type Observer, SILENT } from '../../observe/observer.ts'
import { createBus, GONE } from '../bus.ts'
import { type AskOptions, type Clock, type DeadLetter, type Engine, systemClock, type TellOptions } from '../engine.ts'
import { envelopeFrom, newId, resumeOf, stamp, useOf } from '../envelope.ts'
import { isDown, isWork, type Mailbox, removeStopped, removeWork } from '../mailbox.ts'
import { PROBATION } from '../poison.ts'
import { tellCommitted } from '../telemetry.ts'
import { addMail, type InlineDisk, inlineDisk, isKnown, mailOn } from './disk.ts'
import { inlineTrials } from './poison.ts'
import { createDispatcher } from './scheduler.ts'
import { createAlarms } from './timers.ts'
import { inlineView } from './view.ts'

/** What an inline engine is made of; the clock is the system's unless another is given. */
export type InlineOptions = {
  readonly actors: readonly Actor[]
  readonly clock?: Clock
  /** Ids of messages from outside that come without one; absent: random. */
  readonly createId?: () => string
  /** Which of several ready actors is next; absent: the one that became ready first. */
  readonly seed?: number
  /** ms that an engine has to live for mail it took up to be cleared of having killed the one before; 5 000 when absent */
  readonly probation?: number
  /** What an earlier engine left; absent: nothing. */
  readonly disk?: InlineDisk
  /** told of turns, effects and events; absent: nobody is */
  readonly observer?: Observer
}

/** An engine without a disk: every commit is durable at once, in memory. For tests, and for work that may be lost with its process. */
export function inlineEngine(options: InlineOptions): Engine {
  const { clock = systemClock, createId = newId, probation = PROBATION, disk = inlineDisk() } = options
  const { observer = SILENT } = options
  const held = new Map(mailOn(disk).map((envelope) => [envelope.id, envelope]))
  const happened = createBus<unknown>()
  const deltas = createBus<Json>()
  const waiters = createBus<Envelope>()
  const askers = new Set<(error: Error) => void>()
  const dispatcher = createDispatcher({ ...options, disk, clock, deltas, seed: options.seed, finish, observer })
  const alarms = createAlarms(clock, deliver)
  const trials = inlineTrials({ disk, clock, probation, dispatcher, take: (id) => held.delete(id), deliver, giveUp })
  let phase: 'open' | 'stopping' | 'stopped' = 'open'
  let stopped: Promise<void> | undefined

  function deliver(envelope: Envelope): void {
    if (phase === 'stopped') return
    const { due } = envelope
    if (due !== undefined && due > clock.now()) alarms.set(envelope, due - clock.now())
    else dispatcher.deliver(envelope)
  }

  function checkKind(kind: string): void {
    if (!dispatcher.knows(kind)) throw new NotFoundError(`no actor of kind ${kind}`)
  }

  function finish(box: Mailbox, envelope: Envelope, commit: Commit): void {
    apply(box, commit)
    trials.ended(envelope.id, async () => {})
    if (envelope.type === 'cancel') dropWork(box, envelope)
    else if (envelope.type === 'stop' && isDown(box.cell))
      for (const mail of removeStopped(box)) apply(box, giveUpTurn(box.cell, mail.envelope, STOPPED))
  }

  // all mail of that work that is here: waiting, asleep, or not taken up yet
  function dropWork(box: Mailbox, { correlationId, body }: Envelope): void {
    const { reason } = body as { reason: string }
    const isDropped = (mail: Envelope) => nameOf(mail.to) === box.name && isWork(mail, correlationId)
    const waiting = removeWork(box, correlationId).map(({ envelope }) => envelope)
    const untaken = [...held.values()].filter(isDropped)
    for (const { id } of untaken) held.delete(id)
    for (const mail of [...waiting, ...alarms.take(isDropped), ...untaken]) apply(box, dropTurn(box.cell, mail, reason))
  }

  function giveUp(envelope: Envelope, problem: Problem): void {
    const name = nameOf(envelope.to)
    const box = dispatcher.boxes.get(name) ?? { name, cell: disk.cells.get(name) }
    apply(box, giveUpTurn(box.cell, envelope, problem))
  }

  function apply(box: Pick<Mailbox, 'name' | 'cell'>, commit: Commit): void {
    const isGone = box.cell !== undefined && !commit.cell
    const { replies, mail } = disk.commit(box.name, commit, addressed(commit.sends))
    box.cell = commit.cell ?? undefined
    for (const envelope of mail) deliver(envelope)
    for (const reply of replies) waiters.tell(reply.to.key, reply)
    if (isGone) happened.tell(box.name, GONE)
    else if (commit.events.length > 0) happened.tell(box.name, undefined)
    if (commit.cell) tellCommitted(observer, box.name, commit, commit.cell)
  }

  const addressed = (sends: readonly Posted[]) => (sends.length === 0 ? [] : sends.flatMap(address))

  function address(posted: Posted): readonly Envelope[] {
    const envelope = stamp(posted, clock.now())
    const { kind } = envelope.to
    if (dispatcher.knows(kind) || OWN_KINDS.has(kind)) return [envelope]
    return undeliverable(envelope).flatMap(address)
  }

  /** Takes in a message from outside, unless its id is known: then only what it began is taken up. */
  function accept(to: ActorRef, body: Json, given: TellOptions & { replyTo?: ActorRef }, create = createId): void {
    if (phase !== 'open') throw new BusyError('the engine is stopping')
    checkKind(to.kind)
    const { id } = given
    const now = clock.now()
    const use = id === undefined ? '' : useOf(to, given.replyTo !== undefined)
    if (id !== undefined && isKnown(disk, id, use, now)) {
      void takeUp(given.correlationId ?? id)
      return
    }
    const envelope = envelopeFrom(to, body, now, given, create)
    if (id !== undefined) disk.known.set(id, { at: now, use })
    post(envelope)
  }

  function post(envelope: Envelope): void {
    addMail(disk, envelope)
    deliver(envelope)
  }

  async function takeUp(only?: string): Promise<number> {
    const isPicked = ({ to, correlationId }: Envelope) =>
      dispatcher.knows(to.kind) && (only === undefined || correlationId === only)
    return trials.letGo([...held.values()].filter(isPicked).map((envelope) => ({ envelope })))
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
    const stop = () => reject(new CancelledError('the asker went away; the work goes on'))
    const leave = waiters.listen(id, resolve)
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
    await dispatcher.stop(grace)
    trials.end()
    alarms.take(() => true)
    phase = 'stopped'
    const stop = new CancelledError('the engine stopped; the work goes on when it starts again', { code: 'stopped' })
    for (const reject of askers) reject(stop)
  }

  return {
    tell(to, body, given = NOTHING) {
      try {
        accept(to, body, given)
        dispatcher.keepUp()
        return DONE
      } catch (error) {
        return Promise.reject(error)
      }
    },
    ask,
    async cancel(of, correlationId, reason) {
      if (phase !== 'open') throw new BusyError('the engine is stopping')
      checkKind(of.kind)
      post({ ...envelopeFrom(of, { reason }, clock.now(), { correlationId }, createId), type: 'cancel' })
    },
    view: inlineView({ disk, happened, deltas, boxes: dispatcher.boxes, held }),
    deadLetters: {
      list: async () => [...disk.letters.values()],
      async retry(id) {
        const { letter } = letterOf(disk.letters, id)
        checkKind(letter.to.kind)
        disk.letters.delete(id)
        const again = childId(id, 'retry')
        post(resumeOf(letter))
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

// a promise of its own for each of a million tells is a third of their memory
const DONE = Promise.resolve()
const NOTHING: TellOptions = {}

// where replies and dead letters go
const OWN_KINDS: ReadonlySet<string> = new Set(['reply', 'deadletter'])

function letterOf(letters: ReadonlyMap<string, DeadLetter>, id: string): DeadLetter {
  const letter = letters.get(id)
  if (!letter) throw new NotFoundError(`no dead letter ${id}`)
  return letter
}
