import { join } from 'node:path'
import type { ServedRuntime } from '../../src/runtime/open/create-runtime.ts'
import { runOfHistory } from '../../src/workflow/check/history.ts'
import { replayRun } from '../../src/workflow/live/open-execution.ts'
import type { Figure } from '../figures.ts'
import { tenSteps } from './ten-steps.ts'
import { long, openWorkflows, times } from './workflows.ts'

/** How much is done: steps of the long run, seconds of a slice, slices of each side, runs that sleep. */
export type WorkflowSize = {
  readonly steps: number
  readonly seconds: number
  readonly slices: number
  readonly sleeping: number
}

/** Measures what workflows cost. */
export async function measureWorkflows(
  folder: string,
  size: WorkflowSize,
  onFigure: (figure: Figure) => void,
): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  const say = (figure: Figure) => {
    figures.push(figure)
    onFigure(figure)
  }
  await longRun(join(folder, 'long'), size, say)
  await tenSteps(join(folder, 'ten'), size, say)
  await sleepingRuns(join(folder, 'sleeping'), size, say)
  return figures
}

type Say = (figure: Figure) => void

/** A run of many steps: what the last ones cost beside the first ones, its syncs, and a cold replay. */
async function longRun(folder: string, { steps }: WorkflowSize, say: Say): Promise<void> {
  const runtime = await openWorkflows(folder)
  const before = runtime.status().engine!.flushes
  await runtime.runs.start({ workflow: 'long', input: { steps }, id: 'long' })
  for await (const { body } of runtime.runs.events('long')) if (body.type === 'signal-wait') break
  const flushes = runtime.status().engine!.flushes - before
  const tenth = Math.floor(steps / 10)
  const took = (from: number) => times[from + tenth - 1]! - times[from]!
  const ratio = took(steps - tenth) / took(Math.min(10, tenth))
  say({ name: `${count(steps)} steps: the last tenth ÷ the first`, value: ratio, unit: 'times', floor: 1.3 })
  say({ name: 'commits for each quick step alone', value: flushes / steps, unit: 'commits', aim: 1.01 })
  const history = runOfHistory(await runtime.workflows.history('long'))
  const replays: number[] = []
  for (let n = 0; n < 9; n++) {
    const began = performance.now()
    await replayRun(long, history)
    replays.push(performance.now() - began)
  }
  say({ name: `cold replay of ${count(steps)} steps`, value: median(replays), unit: 'ms', floor: 100 })
  await runtime.stop({ grace: 0 })
}

/** Runs that sleep: the memory of their process, and how fast another one wakes them. */
async function sleepingRuns(folder: string, { sleeping }: WorkflowSize, say: Say): Promise<void> {
  const runtime = await openWorkflows(folder)
  const before = process.memoryUsage().rss
  const until = Date.now() + Math.max(3_000, sleeping * 5)
  let next = 0
  const begin = async () => {
    while (next < sleeping) await runtime.runs.start({ workflow: 'sleeper', input: { until }, id: `s${next++}` })
  }
  await Promise.all(Array.from({ length: 32 }, begin))
  await waitUntil(async () => (await counts(runtime)).waiting >= sleeping || Date.now() > until)
  const isAsleep = Date.now() < until
  const megabytes = (process.memoryUsage().rss - before) / 1e6
  if (isAsleep) say({ name: `memory of ${count(sleeping)} sleeping runs`, value: megabytes, unit: 'MB', aim: 200 })
  await runtime.stop({ grace: 0 })
  await waitUntil(async () => Date.now() > until)
  const began = performance.now()
  const woken = await openWorkflows(folder)
  await woken.engine.start()
  await waitUntil(async () => (await counts(woken)).completed >= sleeping)
  const seconds = (performance.now() - began) / 1000
  say({
    name: `${count(sleeping)} runs that are due, until all have ended in a new process`,
    value: seconds,
    unit: 's',
    aim: 10,
  })
  await woken.stop({ grace: 0 })
}

/** Those that wait for their time are listed as running or as waiting. */
async function counts(runtime: ServedRuntime): Promise<{ waiting: number; completed: number }> {
  const { waiting, running, completed } = await runtime.runs.counts()
  return { waiting: waiting + running, completed }
}

async function waitUntil(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50))
}

const count = (number: number) => number.toLocaleString('en')
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!
