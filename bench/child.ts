// One measurement: what to measure comes as JSON in the argument, the figures leave as a line of JSON.
import { writeSync } from 'node:fs'
import { measureLoad } from './engine/loaded.ts'
import { LOADS, type LoadName } from './engine/loads.ts'
import type { OpenTarget } from './engine/target.ts'
import type { Figures, Task } from './task.ts'

/** What loads are put on. */
const TARGETS: { readonly [subject: string]: string } = {
  ceiling: './engine/ceiling.ts',
  antiphon: './engine/antiphon.ts',
  pipeline: './engine/pipeline.ts',
}

/** What is measured in a way of its own. */
const MEASURES: { readonly [name: string]: string } = {
  'antiphon/tell': './engine/tell.ts',
  'antiphon/memory': './engine/memory.ts',
  'antiphon/recovery': './engine/recovery.ts',
  'pipeline/step-cost': './engine/step-cost.ts',
}

const task = JSON.parse(process.argv[2]!) as Task
writeSync(1, `${JSON.stringify(await measure(task))}\n`)
process.exit()

// only what is measured is loaded
async function measure(task: Task): Promise<Figures> {
  const own = MEASURES[task.name]
  if (own !== undefined) return (await import(own)).measure(task)
  const [subject, load] = task.name.split('/') as [string, LoadName]
  const { openTarget }: { readonly openTarget: OpenTarget } = await import(TARGETS[subject]!)
  return measureLoad(openTarget, LOADS[load], task)
}
