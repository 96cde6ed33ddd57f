/**
 * The engine without a disk: a commit is durable as soon as memory holds it. Use it in tests and simulations, where
 * a clock and a seed decide the order of turns, and for work that may be lost when its process ends.
 */

import { BusyError, CancelledError, NotFoundError } from '../../errors.ts'
import { deriveId } from '../../kernel/commit.ts'
import type { Json } from '../../kernel/json.ts'
import type { Actor, Commit, Envelope } from '../../kernel/types.ts'
import { NOOP_OBSERVER, type Observer } from '../../observe/observer.ts'
import { createBus } from '../bus.ts'
import { type Clock, type DeadLetter, type Engine, systemClock, type TypedEngine } from '../engine.ts'
import { newId, resumeMessage } from '../envelope.ts'
import type { Mail, Mailbox } from '../mailbox.ts'
import { type BootRecord, createPoisonGuard, PROBATION_MS, poisonProblem } from '../poison.ts'
import { createInlineApplier } from './apply-commit.ts'
import { type InlineDisk, inlineDisk, pendingMail } from './disk.ts'
import { createInlineIngress } from './ingress.ts'
import { createInlineReplies } from './replies.ts'
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

/** An engine in memory, whose commits are durable at once. For tests, and for work that may be lost. */
export const inlineEngine: (options: InlineOptions) => TypedEngine = (options) => openInline(options) as TypedEngine

function openInline(options: InlineOptions): Engine {
  const { clock = systemClock, createId = newId, probation = PROBATION_MS, disk = inlineDisk() } = options
  const { observer = NOOP_OBSERVER } = options
  const held = new Map(pendingMail(disk).map((envelope) => [envelope.id, envelope]))
  const changes = createBus<unknown>()
  const deltas = createBus<Json>()
  const replies = createInlineReplies()
  const scheduler = createInlineScheduler({ ...options, disk, clock, deltas, seed: options.seed, finish, observer })
  const timers = createInlineTimers(clock, (envelope) => deliver(envelope))
  const applier = createInlineApplier({ disk, clock, scheduler, timers, held, changes, replies, deliver, observer })
  const { hold, admit, release } = scheduler
  const guarding = {
    clock,
    probation,
    hold,
    admit,
    release,
    recorded: (id: string) => disk.outcomes.get(id)?.size ?? 0,
    save: (record: BootRecord | undefined) => saveRecord(disk, record),
    deliver({ envelope }: Mail) {
      const isThere = held.delete(envelope.id)
      if (isThere) deliver(envelope)
      return isThere
    },
    giveUp({ envelope }: Mail, crashes: number) {
      if (held.delete(envelope.id)) applier.giveUp(envelope, poisonProblem(crashes))
    },
  }
  const poisonGuard = createPoisonGuard<Mail>(guarding, disk.boots.get('last'), (id) => held.has(id))
  const { post, ...ingress } = createInlineIngress({
    disk,
    clock,
    createId,
    replies,
    deliver,
    takeUp: (only) => void takeUp(only),
    checkOpen,
    keepUp: scheduler.keepUp,
  })
  let phase: 'open' | 'stopping' | 'stopped' = 'open'
  let stopped: Promise<void> | undefined

  function deliver(envelope: Envelope, forTurn?: true): void {
    if (phase === 'stopped') return
    const { due } = envelope
    if (due !== undefined && due > clock.now()) timers.set(envelope, due - clock.now())
    else scheduler.deliver(envelope, forTurn)
  }

  function checkOpen(kind: string, forTurn?: true): void {
    if (phase !== 'open' && !(phase === 'stopping' && forTurn)) throw new BusyError('The engine is stopping.')
    checkKind(kind)
  }

  function checkKind(kind: string): void {
    if (!scheduler.knows(kind)) throw new NotFoundError(`There is no actor of kind ${kind}.`)
  }

  function finish(box: Mailbox, envelope: Envelope, commit: Commit): void {
    applier.apply(box, commit)
    poisonGuard.ended(envelope.id, async () => {})
    applier.removeMail(box, envelope)
  }

  async function takeUp(only?: string): Promise<number> {
    const isPicked = ({ to, correlationId }: Envelope) =>
      scheduler.knows(to.kind) && (only === undefined || correlationId === only)
    return poisonGuard.release([...held.values()].filter(isPicked).map((envelope) => ({ envelope })))
  }

  async function drain(grace: number | undefined): Promise<void> {
    await scheduler.stop(grace)
    poisonGuard.end()
    timers.take(() => true)
    phase = 'stopped'
    replies.rejectAll(
      new CancelledError('The engine stopped; the work continues after a restart.', { code: 'stopped' }),
    )
  }

  return {
    ...ingress,
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

/** A record is durable at once. */
async function saveRecord({ boots }: InlineDisk, record: BootRecord | undefined): Promise<void> {
  if (record) boots.set('last', record)
  else boots.delete('last')
}

function letterOf(letters: ReadonlyMap<string, DeadLetter>, id: string): DeadLetter {
  const letter = letters.get(id)
  if (!letter) throw new NotFoundError(`There is no dead letter ${id}.`)
  return letter
}
