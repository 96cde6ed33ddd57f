// One measurement: what to measure comes as JSON in the argument, the figures leave as a line of JSON.
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { measureLoad } from './engine/loaded.ts'
import { LOADS, type LoadName } from './engine/loads.ts'
import type { Figures, Task } from './task.ts'

const task = JSON.parse(process.argv[2]!) as Task
writeSync(1, `${JSON.stringify(await measure(task))}\n`)
process.exit()

async function measure(task: Task): Promise<Figures> {
  const [subject, name] = task.name.split('/')
  const load = LOADS[name as LoadName]
  const { openTarget } = await import(`./engine/${subject}.ts`)
  return measureLoad(await openTarget(join(task.folder, 'engine.db'), load), load, task)
}
