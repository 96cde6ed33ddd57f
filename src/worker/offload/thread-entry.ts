// What runs in a thread for computations.
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { errorOf, problemOf } from '../../errors.ts'
import type { Asked, Said, Told } from './thread.ts'

/** Asks the main thread for something that only it has. */
export type Ask = (name: string, input: unknown) => Promise<unknown>
/** So much less than the main thread. */
const NICE = 5
type Job = (input: unknown, ask: Ask) => unknown

// on Linux that is this thread alone: the main thread goes first where there is not enough for both
if (process.platform === 'linux') setPriority(NICE)

let waiting: PromiseWithResolvers<unknown> | undefined

parentPort!.on('message', (said: Said) => {
  if ('file' in said) return void work(said)
  if ('problem' in said) waiting?.reject(errorOf(said.problem))
  else waiting?.resolve(said.value)
})

async function work({ file, name, input }: Asked): Promise<void> {
  try {
    const module: { readonly [name: string]: unknown } = await import(file)
    tell({ begun: true })
    tell({ value: await (module[name] as Job)(input, ask) })
  } catch (error) {
    tell({ problem: problemOf(error) })
  }
}

const ask: Ask = (name, input) => {
  waiting = Promise.withResolvers()
  tell({ wants: name, input })
  return waiting.promise
}

function tell(told: Told): void {
  parentPort!.postMessage(told)
}
