import { join } from 'node:path'
import { z } from 'zod'
import { defineWorkflow } from '../../src/index.ts'
import { createRuntime, type ServedRuntime } from '../../src/runtime/open/create-runtime.ts'
import { runOfHistory } from '../../src/workflow/check/history.ts'
import { replayRun } from '../../src/workflow/live/replay-run.ts'
import { createIds } from '../engine/antiphon.ts'
import { KEEP_ALL, openRuntime, runner, startOf, writePipeline } from '../engine/pipeline.ts'
import type { Figure } from '../figures.ts'

/** How much is done: steps of the long run, seconds of a slice, slices of each side, runs that sleep. */
export type WorkflowSize = {
  readonly steps: number
  readonly seconds: number
  readonly slices: number
  readonly sleeping: number
}

const AT_ONCE = 32
const STEPS_OF_RUN = 10

/** When each step of the long run was called, by its number. */
const times: number[] = []
const long = defineWorkflow({
  name: 'long',
  input: z.object({ steps: z.number() }),
  async run(ctx, { steps }) {
    for (let n = 0; n < steps; n++) await ctx.step('one', () => void times.push(performance.now()))
    await ctx.signal('never')
  },
})
let done = 0
function add(value: number): number {
  done++
  return value + 1
}
const ten = defineWorkflow({
  name: 'ten',
  input: z.object({}),
  async run(ctx) {
    let value = 0
    for (let n = 0; n < STEPS_OF_RUN; n++) value = await ctx.step('add', () => add(value))
    return value
  },
})
const sleeper = defineWorkflow({
  name: 'sleeper',
  input: z.object({ until: z.number() }),
  run: (ctx, { until }) => ctx.sleepUntil(until),
})

/** Measures what workflows cost. `floor`, `aim`: at most, but the ratio of rates: at least. */
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

/** A runtime with the workflows that are measured. */
export const openWorkflows = (folder: string) =>
  createRuntime(
    {
      ...{
        folder,
        data: join(folder, 'data'),
        providers: {},
        plugins: [],
        embedder: 'none' as const,
        roots: [folder],
        environment: {},
      },
      ...{ pool: { workers: 1000, queue: 1000 }, retention: KEEP_ALL },
    },
    { workflows: [long, ten, sleeper] },
  )

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

/** Ten steps, 32 runs at once, in slices that alternate with a pipeline of ten steps. */
async function tenSteps(folder: string, { seconds, slices }: WorkflowSize, say: Say): Promise<void> {
  const runtime = await openWorkflows(folder)
  const other = await openRuntime(join(folder, 'yaml'), { retention: KEEP_ALL })
  const perform = runner(other.engine, await startOf(other, await writePipeline(folder, STEPS_OF_RUN)), createIds())
  let runs = 0
  const ours = async (id: string) => {
    await runtime.runs.start({ workflow: 'ten', input: {}, id })
    for await (const _ of runtime.runs.events(id));
  }
  const rates: { ours: number; theirs: number; commits: number }[] = []
  const slice = async (one: (id: string) => Promise<unknown>) => {
    const end = performance.now() + seconds * 1000
    let ended = 0
    const client = async () => {
      for (; performance.now() < end; ended++) await one(`r${runs++}`)
    }
    const began = performance.now()
    await Promise.all(Array.from({ length: AT_ONCE }, client))
    return (1000 * ended) / (performance.now() - began)
  }
  for (let n = 0; n <= slices; n++) {
    const [flushes, steps] = [runtime.status().engine!.flushes, done]
    const rate = await slice(ours)
    const commits = (runtime.status().engine!.flushes - flushes) / (done - steps)
    // the first ones warm up
    if (n > 0) rates.push({ ours: rate, theirs: await slice(perform), commits })
    else await slice(perform)
  }
  const of = (each: (rate: (typeof rates)[number]) => number) => median(rates.map(each))
  const title = `ten steps, ${AT_ONCE} runs at once`
  say({ name: `${title}: runs of workflows`, value: of((rate) => rate.ours), unit: 'runs/s' })
  say({
    name: `${title}: the rate of a pipeline ÷ that of a workflow`,
    value: of((rate) => rate.theirs / rate.ours),
    unit: 'times',
    aim: 1.7,
  })
  say({ name: `${title}: commits for each step`, value: of((rate) => rate.commits), unit: 'commits', aim: 0.1 })
  await runtime.stop({ grace: 0 })
  await other.stop({ grace: 0 })
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
  await Promise.all(Array.from({ length: AT_ONCE }, begin))
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
