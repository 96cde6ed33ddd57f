// What runs in a thread for computations.
import { parentPort } from 'node:worker_threads'
import { problemOf } from '../../errors.ts'
import type { Asked, Told } from './thread.ts'

type Job = (input: unknown) => unknown

parentPort!.on('message', async ({ file, name, input }: Asked) => {
  try {
    const module: { readonly [name: string]: unknown } = await import(file)
    tell({ begun: true })
    tell({ value: await (module[name] as Job)(input) })
  } catch (error) {
    tell({ problem: problemOf(error) })
  }
})

function tell(told: Told): void {
  parentPort!.postMessage(told)
}
