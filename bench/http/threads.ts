import { setTimeout as sleep } from 'node:timers/promises'
import { CHECKPOINT_LIMITS } from '../../src/engine/libsql/log/checkpoint.ts'
import type { Runtime } from '../../src/runtime/ports.ts'
import { gate } from '../../src/testing/gate.ts'
import { counter } from '../engine/actors.ts'
import type { Figures, Task } from '../task.ts'
import { openServer } from './server.ts'
import { residentMemory } from './streams.ts'

export const THREADS = 400

/** As usual, but that none of those saved last stays in memory: that is a megabyte in all, however many threads there are. */
const NONE_STAY = { ...CHECKPOINT_LIMITS, stay: 0 }

/** With so many workers in its pool: KB of a thread whose ask is under way, and of one that was answered; and MB of the whole process. */
export function measureThreads(workers: number): (task: Task) => Promise<Figures> {
  return async ({ folder }) => {
    const { runtime, model, served } = await openServer(folder, { actors: [counter], checkpoint: NONE_STAY }, workers)
    // more of the same work: what code, the tables' cache and the heap's young part take is no cost of the threads
    for (const name of ['warm', 'again']) {
      await Promise.all(askOn(runtime, name))
      await evict(runtime)
    }
    const before = await residentMemory()
    const hold = gate()
    model.gate = hold
    const answers = askOn(runtime, 'thread')
    while (underWay(runtime) < THREADS) await sleep(10)
    const live = await residentMemory()
    hold.release()
    await Promise.all(answers)
    answers.length = 0
    await evict(runtime)
    const idle = await residentMemory()
    await served.close()
    await runtime.stop()
    const each = (megabytes: number) => ((megabytes - before) * 1000) / THREADS
    return { live: each(live), idle: Math.max(0, each(idle)), megabytes: live }
  }
}

function askOn(runtime: Runtime, name: string): Promise<unknown>[] {
  const ids = Array.from({ length: THREADS }, (_, n) => `${name}${n}`)
  return ids.map((id) => runtime.threads.ask({ prompt: 'why?', thread: id, id }))
}

/** Asks that are with a worker, or wait for one. */
function underWay(runtime: Runtime): number {
  return runtime.status().pools.reduce((sum, { running, queued }) => sum + running + queued, 0)
}

const BUSY = 256
const LONGEST = 2_000

/**
 * Gives the engine other work until what was answered is in the tables, and gone from memory. That is looked for: the shorter the log, the
 * more work it takes until it is moved.
 */
async function evict({ engine, status }: Runtime): Promise<void> {
  const busy = Array.from({ length: BUSY }, (_, n) => ({ kind: counter.kind, key: `busy${n}` }))
  for (let round = 0; status().engine!.residents > 2 * BUSY; round++) {
    if (round === LONGEST) throw new Error(`${status().engine!.residents} actors are still in memory`)
    await Promise.all(busy.map((each) => engine.tell(each, { add: 1 })))
  }
}
