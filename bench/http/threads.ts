import { setTimeout as sleep } from 'node:timers/promises'
import type { Runtime } from '../../src/runtime.ts'
import { gate } from '../../src/testing/gate.ts'
import { counter } from '../engine/actors.ts'
import type { Figures, Task } from '../task.ts'
import { openServer } from './server.ts'
import { residentMemory } from './streams.ts'

const THREADS = 2_000
const WARM = 256

/** KB of a thread whose question waits for its model, and of one that was answered; and MB of the whole process while all wait. */
export async function measure({ folder }: Task): Promise<Figures> {
  const server = await openServer(folder, { actors: [counter] })
  const { runtime, model, served } = server
  await Promise.all(askOn(runtime, 'warm', WARM))
  await evict(runtime)
  model.calls.length = 0
  const before = await residentMemory()
  const hold = gate()
  model.gate = hold
  const answers = askOn(runtime, 'thread', THREADS)
  while (hold.arrivals < THREADS) await sleep(10)
  const live = await residentMemory()
  hold.release()
  await Promise.all(answers)
  answers.length = 0
  model.calls.length = 0
  await evict(runtime)
  const idle = await residentMemory()
  await served.close()
  await runtime.stop()
  const each = (megabytes: number) => ((megabytes - before) * 1000) / THREADS
  return { live: each(live), idle: each(idle), megabytes: live }
}

function askOn(runtime: Runtime, name: string, threads: number): Promise<unknown>[] {
  return Array.from({ length: threads }, (_, n) =>
    runtime.ask({ prompt: 'why?', thread: `${name}${n}`, id: `${name}${n}` }),
  )
}

const BUSY = 256

/** Gives the engine other work until what was answered is in the tables, and gone from memory. */
async function evict({ engine }: Runtime): Promise<void> {
  for (let round = 0; round < 200; round++)
    await Promise.all(
      Array.from({ length: BUSY }, (_, n) => engine.tell({ kind: counter.kind, key: `busy${n}` }, { add: 1 })),
    )
}
