import { journaledEffects } from '../../kernel/journal.ts'
import { nameOf } from '../../kernel/ref.ts'
import { runTurn } from '../../kernel/turn.ts'
import type { Actor, Commit, Envelope } from '../../kernel/types.ts'
import { createAutoResetEvent } from '../bus.ts'
import { drain } from '../drain.ts'
import { haltTurn, ignoreInterruption } from '../interrupt.ts'
import type { Mail, Mailbox, RunningTurn } from '../mailbox.ts'
import { dequeue, enqueue, hasMail, interrupts, isTurnWaitingFor, putBack, startTurn } from '../mailbox.ts'
import { createQueue, push, shift } from '../queue.ts'
import { createRunLoop } from '../run-loop.ts'
import { traceTurn } from '../telemetry.ts'
import { inlineJournal } from './journal.ts'

/** Runs turns: one at a time per actor, as soon as there is mail. */
export interface InlineScheduler {
  /** `forTurn`: an effect of a running turn waits for it. */
  deliver(envelope: Envelope, forTurn?: true): void
  knows(kind: string): boolean
  /** An actor takes no mail until it is released. */
  hold(name: string): void
  /** Lets a held actor take one message. */
  admit(name: string): void
  release(name: string): void
  /** Called for each external message: runs turns if callers send faster than the loop can run. */
  keepUp(): void
  /** The actors that have mail or are in a turn. */
  readonly boxes: ReadonlyMap<string, Mailbox>
  /** Starts no new turn. Resolves when the running turns have ended; after `grace` ms they are interrupted. */
  stop(grace: number | undefined): Promise<void>
}

type Options = Omit<Parameters<typeof inlineJournal>[0], 'turn' | 'isStopping'> & {
  readonly actors: readonly Actor[]
  readonly seed: number | undefined
  readonly finish: (box: Mailbox, envelope: Envelope, commit: Commit) => void
}

export function createInlineScheduler({
  disk,
  clock,
  deltas,
  seed,
  finish,
  observer,
  ...options
}: Options): InlineScheduler {
  const actors = new Map(options.actors.map((actor) => [actor.kind, actor]))
  const boxes = new Map<string, Mailbox>()
  const ready = createReadyList(seed)
  const runLoop = createRunLoop(clock, takeTurn)
  const idle = createAutoResetEvent()
  let phase: 'open' | 'stopping' | 'stopped' = 'open'
  let running = 0

  function boxOf(name: string): Mailbox {
    const known = boxes.get(name)
    if (known) return known
    const box = {
      name,
      cell: disk.cells.get(name),
      queue: createQueue<Mail>(),
      ready: false,
      running: undefined,
      held: false,
    }
    boxes.set(name, box)
    return box
  }

  function deliver(envelope: Envelope, forTurn?: true): void {
    const box = boxOf(nameOf(envelope.to))
    enqueue(box, forTurn ? { envelope, forTurn } : { envelope })
    if (box.running && interrupts(envelope, box.running.envelope)) interrupt(box)
    makeReady(box)
  }

  function makeReady(box: Mailbox): void {
    if (box.running || box.held || !hasMail(box)) return
    ready.add(box)
    runLoop.schedule()
  }

  function interrupt(box: Mailbox): void {
    if (box.running) haltTurn(box.running)
  }

  function takeTurn(): boolean {
    const box = phase === 'open' ? ready.next() : nextAwaited()
    const mail = box && dequeue(box)
    if (mail) takeMail(box, mail)
    return box !== undefined
  }

  /** While the engine stops, only actors take mail that a running turn waits for. */
  function nextAwaited(): Mailbox | undefined {
    let box = phase === 'stopping' ? ready.next() : undefined
    while (box && !isTurnWaitingFor(box)) box = ready.next()
    return box
  }

  function takeMail(box: Mailbox, mail: Mail): void {
    const turn = startTurn(mail)
    box.running = turn
    running++
    const commit = attempt(box, turn)
    if (commit instanceof Promise) endLater(box, turn, commit)
    else endTurn(box, turn, commit)
  }

  function endLater(box: Mailbox, turn: RunningTurn, deciding: Promise<Commit | undefined>): void {
    const end = (decided: Commit | undefined) => endTurn(box, turn, decided)
    void deciding.then(end, (error) => end(ignoreInterruption(error)))
  }

  function attempt(box: Mailbox, turn: RunningTurn): Commit | undefined | Promise<Commit | undefined> {
    const { envelope } = turn
    const { cell } = box
    const actor = actors.get(envelope.to.kind)!
    const journal = () => inlineJournal({ disk, clock, deltas, turn, observer, isStopping: () => phase !== 'open' })
    const effects = journaledEffects(actor, cell, envelope, journal)
    try {
      if (!observer.tracing) return runTurn(actor, cell, envelope, effects)
      return traceTurn(observer, cell, envelope, () => runTurn(actor, cell, envelope, effects))
    } catch (error) {
      return ignoreInterruption(error)
    }
  }

  function endTurn(box: Mailbox, turn: RunningTurn, commit: Commit | undefined): void {
    if (phase === 'stopped') return
    if (commit && !turn.interrupted) finish(box, turn.envelope, commit)
    else putBack(box, turn.mail)
    running--
    box.running = undefined
    makeReady(box)
    if (!hasMail(box)) boxes.delete(box.name)
    idle.set()
  }

  return {
    deliver,
    knows: (kind) => actors.has(kind),
    keepUp: runLoop.catchUp,
    boxes,
    hold: (name) => void (boxOf(name).held = true),
    admit(name) {
      const box = boxes.get(name)
      if (!box || box.running || box.ready || phase !== 'open') return
      const mail = dequeue(box)
      if (mail) takeMail(box, mail)
    },
    release(name) {
      const box = boxes.get(name)
      if (!box) return
      box.held = false
      makeReady(box)
    },
    async stop(grace) {
      phase = 'stopping'
      await drain({ boxes, clock, idle, grace, running: () => running })
      phase = 'stopped'
    },
  }
}

/** The mailboxes whose actors may start a turn, without duplicates. */
interface ReadyList {
  add(box: Mailbox): void
  /** Removes and returns the next mailbox: the first, or with a seed a random one. */
  next(): Mailbox | undefined
}

function createReadyList(seed: number | undefined): ReadyList {
  const order = seed === undefined ? firstCome() : anyOrder(seed)
  return {
    add(box) {
      if (box.ready) return
      box.ready = true
      order.add(box)
    },
    next() {
      const box = order.next()
      if (box) box.ready = false
      return box
    },
  }
}

function firstCome(): ReadyList {
  const boxes = createQueue<Mailbox>()
  return { add: (box) => push(boxes, box), next: () => shift(boxes) }
}

function anyOrder(seed: number): ReadyList {
  const boxes: Mailbox[] = []
  let state = seed >>> 0
  return {
    add: (box) => boxes.push(box),
    next() {
      if (boxes.length === 0) return undefined
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return boxes.splice(Math.floor((state / 2 ** 32) * boxes.length), 1)[0]
    },
  }
}
