import { join } from 'node:path'
import { STEPS } from '../engine/actors.ts'
import { createIds } from '../engine/antiphon.ts'
import { doorRunner, KEEP_ALL, openRuntime, runner, startOf, writePipeline } from '../engine/pipeline.ts'
import type { Figure } from '../figures.ts'
import { drive } from '../load.ts'
import { openWorkflows, startOfTen, TEN } from './workflows.ts'

const AT_ONCE = 32
const WAYS = ['workflow, one message', 'pipeline, one message', 'workflow, door', 'pipeline, door'] as const
type Way = (typeof WAYS)[number]
/** What a slice took: ms of CPU and commits for each run. */
type Slice = { readonly rate: number; readonly cpu: number; readonly commits: number }

/**
 * Ten steps, 32 runs at once, as a workflow and as a pipeline: both by the message that starts a run, and both by
 * `runs.start` and `runs.events`. Slices of all four alternate.
 */
export async function tenSteps(
  folder: string,
  { seconds, slices }: { readonly seconds: number; readonly slices: number },
  say: (figure: Figure) => void,
): Promise<void> {
  const workflows = await openWorkflows(folder)
  const pipelines = await openRuntime(join(folder, 'yaml'), { retention: KEEP_ALL })
  const file = await writePipeline(folder, STEPS.run)
  const perform = {
    'workflow, one message': runner(workflows.engine, await startOfTen(workflows), createIds()),
    'pipeline, one message': runner(pipelines.engine, await startOf(pipelines, file), createIds()),
    'workflow, door': doorRunner(workflows.runs, TEN),
    'pipeline, door': doorRunner(pipelines.runs, { file }),
  } satisfies { readonly [way in Way]: unknown }
  const flushes = () => [workflows, pipelines].reduce((sum, runtime) => sum + runtime.status().engine!.flushes, 0)
  let runs = 0
  const slice = async (way: Way): Promise<Slice> => {
    const [before, commits] = [process.cpuUsage(), flushes()]
    const { perSecond, count } = await drive(AT_ONCE, seconds * 1000, async () => {
      const done = await perform[way](`r${runs++}`)
      if (done !== STEPS.run) throw new Error(`a run ended with ${done} steps`)
    })
    const { user, system } = process.cpuUsage(before)
    return { rate: perSecond, cpu: (user + system) / 1000 / count, commits: (flushes() - commits) / count }
  }
  const rounds: { readonly [way in Way]: Slice }[] = []
  for (let n = 0; n <= slices; n++) {
    const round: [Way, Slice][] = []
    for (const way of WAYS) round.push([way, await slice(way)])
    // the first ones warm up
    if (n > 0) rounds.push(Object.fromEntries(round) as (typeof rounds)[number])
  }
  await workflows.stop({ grace: 0 })
  await pipelines.stop({ grace: 0 })
  const title = `ten steps, ${AT_ONCE} runs at once`
  const of = (each: (round: (typeof rounds)[number]) => number) => median(rounds.map(each))
  for (const way of WAYS) {
    say({ name: `${title}: ${way}`, value: of((round) => round[way].rate), unit: 'runs/s' })
    say({ name: `${title}: ${way}: CPU of a run`, value: of((round) => round[way].cpu), unit: 'ms' })
  }
  for (const [by, aim] of [['one message', 1.67], ['door']] as const) {
    const [ours, other] = [`workflow, ${by}`, `pipeline, ${by}`] as const
    const goal = aim === undefined ? {} : { aim }
    const ratio = of((round) => round[ours].cpu / round[other].cpu)
    say({ name: `${title}, ${by}: CPU of a workflow ÷ of a pipeline`, value: ratio, unit: 'times', ...goal })
    const rates = of((round) => round[other].rate / round[ours].rate)
    say({ name: `${title}, ${by}: the rate of a pipeline ÷ of a workflow`, value: rates, unit: 'times' })
  }
  const commits = of((round) => round['workflow, door'].commits) / STEPS.run
  say({ name: `${title}: commits for each step`, value: commits, unit: 'commits', aim: 0.1 })
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!
