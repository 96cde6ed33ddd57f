import { NotFoundError } from '../../errors.ts'
import { deadLetterCommit } from '../../kernel/commit.ts'
import { journaledEffects } from '../../kernel/journal.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { Json } from '../../kernel/schema.ts'
import { runTurn } from '../../kernel/turn.ts'
import type { Actor, Commit } from '../../kernel/types.ts'
import type { Passing } from '../../lib/compacting-map.ts'
import type { Observer } from '../../observe/observer.ts'
import type { Database } from '../../store/database/database.ts'
import { type Bus, createAutoResetEvent } from '../bus.ts'
import { awaitQuiescence, drain } from '../drain.ts'
import type { Clock } from '../engine.ts'
import { haltTurn, ignoreInterruption } from '../interrupt.ts'
import { dequeue, enqueue, hasMail, interrupts, putBack, type RunningTurn, startTurn } from '../mailbox.ts'
import { createQueue, push, shift } from '../queue.ts'
import { createRunLoop } from '../run-loop.ts'
import { traceTurn } from '../telemetry.ts'
import { createResident, type Letter, type Resident } from './activation/activation.ts'
import type { ReadonlyNames } from './activation/name-filter.ts'
import { libsqlJournal } from './journal.ts'
import type { Committer } from './log/committer.ts'
import { readActor } from './tables/cell.ts'

/** Runs turns: one at a time per actor, as soon as there is mail. */
export interface Dispatcher {
  deliver(letter: Letter): void
  resident(name: string): Resident
  knows(kind: string): boolean
  /** An actor takes no mail until it is released. */
  hold(name: string): void
  /** An actor that is held takes one message. */
  admit(name: string): void
  release(name: string): void
  /** late: effects that came to their end after their turn was over */
  readonly counts: { readonly late: number }
  /** No new turn starts; resolves when the running ones have ended, after `grace` ms by interruption. */
  stop(grace: number | undefined): Promise<void>
  /** No new turn starts; false when the running ones have not ended after `wait` ms: then all goes on. */
  rest(wait: number, signal: AbortSignal): Promise<boolean>
}

type Options = {
  readonly actors: readonly Actor[]
  readonly database: Database
  readonly committer: Committer
  readonly clock: Clock
  readonly deltas: Bus<Json>
  readonly residents: Passing<string, Resident>
  /** Actors that may have a row in the table; of others none is read. */
  readonly names: ReadonlyNames
  readonly finish: (resident: Resident, letter: Letter, commit: Commit) => void
  /** Called when an actor has no mail left. */
  readonly onIdle: (resident: Resident) => void
  readonly observer: Observer
}

export function createDispatcher({
  database,
  committer,
  clock,
  deltas,
  residents,
  names,
  finish,
  onIdle,
  observer,
  ...options
}: Options): Dispatcher {
  const actors = new Map(options.actors.map((actor) => [actor.kind, actor]))
  const ready = createQueue<Resident>()
  const runLoop = createRunLoop(clock, takeTurn)
  const idle = createAutoResetEvent()
  const counts = { late: 0 }
  let running = 0
  let stopping = false
  const late = () => void counts.late++
  const lent = { database, committer, clock, deltas, observer, isStopping: () => stopping, late }

  function resident(name: string): Resident {
    const known = residents.get(name)
    if (known) return known
    const found = names.has(name) ? readActor(database, name) : undefined
    const loaded = createResident(name, found?.cell, found !== undefined, found?.compact)
    residents.set(name, loaded)
    return loaded
  }

  function deliver(letter: Letter): void {
    const box = resident(nameOf(letter.envelope.to))
    enqueue(box, letter)
    if (box.running && interrupts(letter.envelope, box.running.envelope)) haltTurn(box.running)
    makeReady(box)
  }

  function makeReady(box: Resident): void {
    if (box.running || box.ready || box.held || !hasMail(box)) return
    box.ready = true
    push(ready, box)
    runLoop.schedule()
  }

  function takeTurn(): boolean {
    const box = shift(ready)
    if (!box) return false
    box.ready = false
    if (!stopping) takeNext(box)
    return true
  }

  function takeNext(box: Resident): void {
    const letter = dequeue(box)!
    const turn = startTurn(letter)
    box.running = turn
    running++
    const commit = attempt(box, letter, turn)
    if (commit instanceof Promise) endLater(box, turn, commit)
    else endTurn(box, turn, commit)
  }

  function endLater(box: Resident, turn: RunningTurn<Letter>, deciding: Promise<Commit | undefined>): void {
    const end = (decided: Commit | undefined) => endTurn(box, turn, decided)
    void deciding.then(end, (error) => end(ignoreInterruption(error)))
  }

  function endTurn(box: Resident, turn: RunningTurn<Letter>, commit: Commit | undefined): void {
    box.running = undefined
    if (commit && !turn.interrupted) finish(box, turn.mail, commit)
    else putBack(box, turn.mail)
    running--
    if (running === 0) idle.set()
    if (!hasMail(box)) onIdle(box)
    makeReady(box)
  }

  function attempt(
    box: Resident,
    letter: Letter,
    turn: RunningTurn<Letter>,
  ): Commit | undefined | Promise<Commit | undefined> {
    const { envelope } = letter
    const { cell } = box
    if (letter.damage) return deadLetterCommit(cell, envelope, letter.damage)
    const actor = actorOf(envelope.to.kind)
    const effects = journaledEffects(actor, cell, envelope, () => libsqlJournal(lent, box, letter, turn))
    try {
      if (!observer.traces) return runTurn(actor, cell, envelope, effects)
      return traceTurn(observer, cell, envelope, () => runTurn(actor, cell, envelope, effects))
    } catch (error) {
      return ignoreInterruption(error)
    }
  }

  function actorOf(kind: string): Actor {
    const actor = actors.get(kind)
    if (!actor) throw new NotFoundError(`no actor of kind ${kind}`)
    return actor
  }

  return {
    deliver,
    resident,
    knows: (kind) => actors.has(kind),
    counts,
    hold: (name) => void (resident(name).held = true),
    admit(name) {
      const box = residents.get(name)
      if (box && !box.running && !box.ready && !stopping && hasMail(box)) takeNext(box)
    },
    release(name) {
      const box = residents.get(name)
      if (!box) return
      box.held = false
      makeReady(box)
    },
    async stop(grace) {
      stopping = true
      await drain({ boxes: residents, clock, idle, grace, running: () => running })
    },
    async rest(wait, signal) {
      stopping = true
      if (await awaitQuiescence({ boxes: residents, clock, idle, wait, signal, running: () => running })) return true
      stopping = false
      for (const box of residents.values()) makeReady(box)
      return false
    },
  }
}
