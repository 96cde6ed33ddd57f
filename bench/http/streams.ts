import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Runtime } from '../../src/runtime/ports.ts'
import { type Child, startChild } from '../children.ts'
import { percentile } from '../load.ts'
import type { Figures, Task } from '../task.ts'
import type { Question } from './followers.ts'
import { openServer } from './server.ts'
import { tick } from './tick.ts'

/** How many streams are open, and how many processes follow them. */
const STREAMS = 10_000
const PROCESSES = 2
const TICKS = { warm: 3, counted: 8 }

/** 10 000 open streams of so many runs: MB of the server, KB of each stream, and ms until an event was told to all of them. */
export function measureStreams(runs: number, streams = STREAMS): (task: Task) => Promise<Figures> {
  return async ({ folder }) => {
    const { runtime, served } = await openServer(folder)
    const ids = await startRuns(runtime, folder, runs)
    const processes = Array.from({ length: PROCESSES }, () => startChild(join(import.meta.dirname, 'followers.ts')))
    // whoever asks first needs more than the others
    await fetch(`http://127.0.0.1:${served.port}/v1/runs/${ids[0]}`).then((response) => response.arrayBuffer())
    const before = await residentMemory()
    await openStreams(processes, served.port, ids, streams)
    if (served.streams() !== streams) throw new Error(`${served.streams()} streams are open instead of ${streams}`)
    const opened = await residentMemory()
    const times: number[] = []
    for (let n = 0; n < TICKS.warm + TICKS.counted; n++) {
      const took = await tellAll(runtime, processes, ids[0]!)
      if (n >= TICKS.warm) times.push(...took)
    }
    const told = process.memoryUsage.rss() / 1e6
    times.sort((a, b) => a - b)
    await Promise.all(processes.map((child) => child.end()))
    while (served.streams() > 0) await sleep(10)
    const left = await residentMemory()
    await served.close()
    await runtime.stop({ grace: 0 })
    return {
      megabytes: Math.max(opened, told),
      perStream: ((opened - before) * 1000) / streams,
      left: left - before,
      p50: percentile(times, 0.5),
      p99: percentile(times, 0.99),
    }
  }
}

async function startRuns(runtime: Runtime, folder: string, count: number): Promise<readonly string[]> {
  const file = join(folder, 'ticks.yaml')
  const loop = ['  - id: all', '    for_each: "{{ range(1000) }}"', '    steps:', '      - { id: one, tool: tick }']
  await writeFile(file, ['name: ticks', 'steps:', ...loop, ''].join('\n'))
  const starts = Array.from({ length: count }, () => runtime.runs.start({ file }))
  const ids = (await Promise.all(starts)).map(({ id }) => id)
  while (runtime.status().pools.reduce((sum, { running }) => sum + running, 0) < count) await sleep(10)
  return ids
}

/** ms that the processes may take */
const LONGEST = 20_000

async function openStreams(processes: readonly Child[], port: number, ids: readonly string[], streams: number) {
  const paths = Array.from({ length: streams }, (_, n) => `/v1/runs/${ids[n % ids.length]}/events`)
  const share = Math.ceil(streams / processes.length)
  const open = (child: Child, n: number) =>
    child.ask({ type: 'open', port, paths: paths.slice(n * share, (n + 1) * share) } satisfies Question, LONGEST)
  await Promise.all(processes.map(open))
}

/** Lets each run tell an event; ms after which each stream had it. */
async function tellAll(runtime: Runtime, processes: readonly Child[], run: string): Promise<readonly number[]> {
  // what was told last is everywhere
  await sleep(200)
  const after = await lastEventOf(runtime, run)
  const hearing = processes.map((child) =>
    child.ask<readonly number[]>({ type: 'hear', after } satisfies Question, LONGEST),
  )
  await sleep(100)
  const at = performance.timeOrigin + performance.now()
  tick()
  return (await Promise.all(hearing)).flat().map((time) => time - at)
}

async function lastEventOf(runtime: Runtime, run: string): Promise<number> {
  const leaving = new AbortController()
  const events = runtime.runs.events(run, { signal: leaving.signal })
  let last = 0
  setTimeout(() => leaving.abort(), 50)
  for await (const { n } of events) last = n
  return last
}

/** MB of this process when all garbage is gone and what the heap holds in reserve is given back. */
export async function residentMemory(): Promise<number> {
  globalThis.gc!({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  // pages are given back by another thread
  await sleep(100)
  return process.memoryUsage.rss() / 1e6
}
