import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from '../../src/engine/engine.ts'
import type { Actor, ActorRef } from '../../src/kernel/types.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import type { OnCommit } from '../../src/testing/openers/inline.ts'
import type { OpenEngine } from '../../src/testing/openers/opened.ts'
import { type CrashingLife, crashable } from './crashing-actors.ts'

/** Engines that follow each other on the same data: after a crash, the next one finds the committed data. */
export interface TortureWorld {
  readonly engine: Engine
  /** the number of engines so far */
  readonly lives: number
  /** all actors that ever processed a message, by name */
  readonly actors: ReadonlyMap<string, ActorRef>
  /** the number of points at which the engine could have crashed */
  readonly points: number
  /** the point at which it crashed */
  readonly crash: string | undefined
  /** Resolves when no work is left at that time (ms since the beginning), or after a crash. */
  rest(time: number): Promise<void>
  /** Opens the next engine after a crash; returns whether there was a crash. */
  recover(): Promise<boolean>
  close(): Promise<void>
}

export type TortureWorldOptions = {
  readonly actors: readonly Actor[]
  readonly open: (onCommit: OnCommit) => OpenEngine
  /** the number of the point at which the engine crashes; absent: no crash */
  readonly crashAt?: number
}

/** After this many idle turns of the event loop, no work is left. */
const MIN_CALM_TURNS = 10

export async function openTortureWorld({ actors: given, open, crashAt }: TortureWorldOptions): Promise<TortureWorld> {
  const clock = simulatedClock(0)
  const seen = new Map<string, ActorRef>()
  const actors: Actor[] = []
  let life = begin()
  let lives = 1
  let points = 0
  let happened = 0
  let crash: string | undefined
  let next: ReturnType<typeof opened.crash> | undefined

  function begin(): CrashingLife {
    const begun: CrashingLife = {
      hasEnded: false,
      running: 0,
      turn({ self }) {
        happened++
        seen.set(`${self.kind}/${self.key}`, self)
      },
      effect: (moment, name) => pass(`${moment} effect ${name}`),
    }
    actors.splice(0, actors.length, ...given.map((actor) => crashable(actor, begun)))
    return begun
  }

  function pass(point: string): void {
    happened++
    points++
    if (points !== crashAt) return
    crash = point
    life.hasEnded = true
    life = begin()
    lives++
    next = opened.crash()
  }

  async function settle(): Promise<void> {
    for (let calm = 0; (calm < MIN_CALM_TURNS || life.running > 0) && !next; calm++) {
      const before = happened
      // a longer effect waits for something outside, which gets the processor meanwhile
      await (calm < MIN_CALM_TURNS ? setImmediate() : sleep(1))
      if (happened !== before) calm = 0
    }
  }

  let opened = await open((moment) => pass(`${moment} a commit`))(actors, { clock })
  await opened.engine.start()

  return {
    get engine() {
      return opened.engine
    },
    get lives() {
      return lives
    },
    get points() {
      return points
    },
    get crash() {
      return crash
    },
    actors: seen,
    async rest(time) {
      await settle()
      while (!next && clock.next !== undefined && clock.next <= time) {
        await clock.advance(Math.max(0, clock.next - clock.now()))
        await settle()
      }
      if (!next) await clock.advance(time - clock.now())
    },
    async recover() {
      if (!next) return false
      opened = await next
      next = undefined
      await opened.engine.start()
      return true
    },
    close: () => opened.close(),
  }
}
