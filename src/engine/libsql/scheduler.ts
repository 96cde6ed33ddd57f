import { NotFoundError } from '../../errors.ts'
import { deadLetterCommit } from '../../kernel/dead-letter.ts'
import { journaledEffects } from '../../kernel/journal.ts'
import { nameOf } from '../../kernel/ref.ts'
import { runTurn } from '../../kernel/turn.ts'
import type { Actor, Commit } from '../../kernel/types.ts'
import type { CompactingMap } from '../../lib/collections/compacting-map.ts'
import { createAutoResetEvent } from '../bus.ts'
import { awaitQuiescence, drain } from '../drain.ts'
import { haltTurn, ignoreInterruption } from '../interrupt.ts'
import type { RunningTurn } from '../mailbox.ts'
import { dequeue, enqueue, hasMail, interrupts, isTurnWaitingFor, putBack, startTurn } from '../mailbox.ts'
import { createQueue, lengthOf, push, shift } from '../queue.ts'
import { createRunLoop } from '../run-loop.ts'
import { traceTurn } from '../telemetry.ts'
import { type Activation, createActivation, type QueuedMessage } from './activation/activation.ts'
import { libsqlJournal } from './journal.ts'
import type { Doubts } from './log/doubts.ts'
import type { ReadonlyNameFilter } from './stored/name-filter.ts'
import { readActor } from './tables/cell.ts'

/** Runs turns: one at a time per actor, as soon as there is mail. */
export interface LibsqlScheduler {
  deliver(message: QueuedMessage): void
  activation(name: string): Activation
  knows(kind: string): boolean
  readonly doubts: Doubts
  /** An actor takes no mail until it is released. */
  hold(name: string): void
  /** Lets a held actor take one message. */
  admit(name: string): void
  release(name: string): void
  /** late: effects that ended after their turn */
  readonly counts: { readonly late: number }
  /** Whether a turn is running. */
  isWorking(): boolean
  /** Starts no new turn, unless a running one waits for it. Resolves when all ended; interrupts after `grace` ms. */
  stop(grace: number | undefined): Promise<void>
  /** Resolves when no actor is in a turn, which includes pauses before retries, and none has mail that is due. */
  quiet(): Promise<void>
  /** Starts no new turn. False if running turns have not ended after `wait` ms: then the scheduler continues. */
  rest(wait: number, signal: AbortSignal): Promise<boolean>
}

type Options = Omit<JournalParts, 'isStopping' | 'late'> & {
  readonly actors: readonly Actor[]
  readonly activations: CompactingMap<string, Activation>
  /** The actors that may have a row in the table. No row of other actors is read. */
  readonly names: ReadonlyNameFilter
  readonly finish: (activation: Activation, message: QueuedMessage, commit: Commit) => void
  /** Called when an actor has no mail left. */
  readonly onIdle: (activation: Activation) => void
}

export function createLibsqlScheduler({
  database,
  committer,
  clock,
  deltas,
  activations,
  names,
  finish,
  onIdle,
  observer,
  doubts,
  ...options
}: Options): LibsqlScheduler {
  const actors = new Map(options.actors.map((actor) => [actor.kind, actor]))
  const ready = createQueue<Activation>()
  const runLoop = createRunLoop(clock, takeTurn)
  const idle = createAutoResetEvent()
  const counts = { late: 0 }
  const quiet = createQuietWaiters(() => running === 0 && lengthOf(ready) === 0)
  const late = () => void counts.late++
  const lent = { database, committer, clock, deltas, observer, doubts, isStopping: () => stopping, late }
  const decide = createDecider(actors, lent)
  let running = 0
  let stopping = false

  function activation(name: string): Activation {
    const known = activations.get(name)
    if (known) return known
    const found = names.has(name) ? readActor(database, name) : undefined
    const loaded = createActivation(name, found?.cell, found !== undefined, found?.compact)
    activations.set(name, loaded)
    return loaded
  }

  function deliver(message: QueuedMessage): void {
    const box = activation(nameOf(message.envelope.to))
    enqueue(box, message)
    if (box.running && interrupts(message.envelope, box.running.envelope)) haltTurn(box.running)
    makeReady(box)
  }

  function makeReady(box: Activation): void {
    if (box.running || box.ready || box.held || !hasMail(box)) return
    box.ready = true
    push(ready, box)
    runLoop.schedule()
  }

  function takeTurn(): boolean {
    const box = shift(ready)
    if (!box) {
      quiet.note()
      return false
    }
    box.ready = false
    if (!stopping || isTurnWaitingFor(box)) takeNext(box)
    return true
  }

  function takeNext(box: Activation): void {
    const message = dequeue(box)!
    const turn = startTurn(message)
    box.running = turn
    running++
    const commit = decide(box, message, turn)
    if (commit instanceof Promise) endLater(box, turn, commit)
    else endTurn(box, turn, commit)
  }

  function endLater(box: Activation, turn: RunningTurn<QueuedMessage>, deciding: Promise<Commit | undefined>): void {
    const end = (decided: Commit | undefined) => endTurn(box, turn, decided)
    void deciding.then(end, (error) => end(ignoreInterruption(error)))
  }

  function endTurn(box: Activation, turn: RunningTurn<QueuedMessage>, commit: Commit | undefined): void {
    box.running = undefined
    if (commit && !turn.interrupted) finish(box, turn.mail, commit)
    else putBack(box, turn.mail)
    running--
    if (running === 0) idle.set()
    if (!hasMail(box)) onIdle(box)
    makeReady(box)
    quiet.note()
  }

  return {
    deliver,
    activation: activation,
    knows: (kind) => actors.has(kind),
    doubts,
    isWorking: () => running > 0,
    counts,
    hold: (name) => void (activation(name).held = true),
    admit(name) {
      const box = activations.get(name)
      if (box && !box.running && !box.ready && !stopping && hasMail(box)) takeNext(box)
    },
    release(name) {
      const box = activations.get(name)
      if (!box) return
      box.held = false
      makeReady(box)
    },
    quiet: quiet.wait,
    async stop(grace) {
      stopping = true
      await drain({ boxes: activations, clock, idle, grace, running: () => running })
    },
    async rest(wait, signal) {
      stopping = true
      if (await awaitQuiescence({ boxes: activations, clock, idle, wait, signal, running: () => running })) return true
      stopping = false
      for (const box of activations.values()) makeReady(box)
      return false
    },
  }
}

/** The parts of the engine that the journal of a turn uses. */
type JournalParts = Parameters<typeof libsqlJournal>[0]

/** Makes the function that runs a turn up to its commit. */
function createDecider(actors: ReadonlyMap<string, Actor>, lent: JournalParts) {
  const { observer } = lent

  function decide(
    box: Activation,
    message: QueuedMessage,
    turn: RunningTurn<QueuedMessage>,
  ): Commit | undefined | Promise<Commit | undefined> {
    const { envelope } = message
    const { cell } = box
    if (message.damage) return deadLetterCommit(cell, envelope, message.damage)
    const actor = actorOf(envelope.to.kind)
    const effects = journaledEffects(actor, cell, envelope, () => libsqlJournal(lent, box, message, turn))
    try {
      if (!observer.tracing) return runTurn(actor, cell, envelope, effects)
      return traceTurn(observer, cell, envelope, () => runTurn(actor, cell, envelope, effects))
    } catch (error) {
      return ignoreInterruption(error)
    }
  }

  function actorOf(kind: string): Actor {
    const actor = actors.get(kind)
    if (!actor) throw new NotFoundError(`There is no actor of kind ${kind}.`)
    return actor
  }

  return decide
}

/** The callers that wait until nothing is left to do. */
function createQuietWaiters(isQuiet: () => boolean): { note(): void; wait(): Promise<void> } {
  let waiters: (() => void)[] = []
  return {
    note() {
      if (waiters.length === 0 || !isQuiet()) return
      for (const resolve of waiters) resolve()
      waiters = []
    },
    wait: () => (isQuiet() ? Promise.resolve() : new Promise((resolve) => void waiters.push(resolve))),
  }
}
