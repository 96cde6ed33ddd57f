import { setTimeout as sleep } from 'node:timers/promises'
import type { LibsqlEngine } from '../../src/engine/libsql/engine.ts'
import { percentile } from '../load.ts'
import type { Figures, Task } from '../task.ts'
import { counter } from './actors.ts'
import { createIds, openEngine } from './antiphon.ts'

const ACTORS = 100_000
const CLIENTS = 64
const READ = 2_000

/** Actors so small that stay in memory when all were saved, and fewer than come from those that were touched last. */
const STAY = 2_000

/** What 100 000 actors that were touched once leave in memory (MB) when they are evicted, and how long it takes to touch one again (ms). */
export async function measure({ folder }: Task): Promise<Figures> {
  // a thread that began in between would look like what the actors leave
  const engine = await openEngine(folder, [counter], { writer: 'thread' })
  await engine.start()
  const nextId = createIds()
  const touch = (key: string) => engine.ask({ kind: counter.kind, key }, { add: 1 }, { id: nextId() })
  // as much work, on few actors: what code and the heap's young part take is no cost of the many
  await touchAll(ACTORS, (n) => touch(`warm${n % CLIENTS}`))
  await evictAll(engine)
  const before = await residentMemory()
  await touchAll(ACTORS, (n) => touch(`cold${n}`))
  await evictAll(engine)
  const grown = (await residentMemory()) - before
  const readBack = await touchAgain(touch)
  await engine.stop()
  return { grown, readBack }
}

type Touch = (key: string) => Promise<unknown>

async function touchAll(touches: number, touch: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const work = async () => {
    while (next < touches) await touch(next++)
  }
  await Promise.all(Array.from({ length: CLIENTS }, work))
}

const BUSY = 256

/** Gives the engine other work until it holds no more than what that needs and what it keeps; without ids, so that nothing of it is remembered. */
async function evictAll(engine: LibsqlEngine): Promise<void> {
  for (let round = 0; engine.counts.residents > 2 * BUSY + STAY; round++) {
    if (round === 5_000) throw new Error(`${engine.counts.residents} actors are still in memory`)
    const tells = Array.from({ length: BUSY }, (_, n) =>
      engine.tell({ kind: counter.kind, key: `busy${n}` }, { add: 1 }),
    )
    await Promise.all(tells)
  }
}

/** MB of this process when all garbage is gone and what the heap holds in reserve is given back: what is left is in use. */
async function residentMemory(): Promise<number> {
  globalThis.gc!({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  // pages are given back by another thread
  await sleep(50)
  return process.memoryUsage.rss() / 1e6
}

/** The p99, in ms, of touching one of the evicted after the other. */
async function touchAgain(touch: Touch): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < READ; n++) {
    const key = `cold${Math.floor((n * (ACTORS - STAY)) / READ)}`
    const start = performance.now()
    const total = await touch(key)
    times.push(performance.now() - start)
    if (total !== 2) throw new Error(`the total of ${key} was ${total} instead of 2`)
  }
  return percentile(
    times.sort((a, b) => a - b),
    0.99,
  )
}
