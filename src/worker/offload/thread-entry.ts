// Entry point of a computation thread.
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { errorOf, problemOf } from '../../errors.ts'
import type { JobRequest, JobThreadMessage, MainMessage } from './thread.ts'

/** Asks the main thread for data that only it has. */
export type AskMain = (name: string, input: unknown) => Promise<unknown>
/** The difference in priority from the main thread. */
const NICENESS = 5
type Job = (input: unknown, ask: AskMain) => unknown

// on Linux this applies to this thread only: the main thread goes first when there is not enough CPU for both
if (process.platform === 'linux') setPriority(NICENESS)

let waiting: PromiseWithResolvers<unknown> | undefined

parentPort!.on('message', (said: MainMessage) => {
  if ('file' in said) return void work(said)
  if ('problem' in said) waiting?.reject(errorOf(said.problem))
  else waiting?.resolve(said.value)
})

async function work({ file, name, input }: JobRequest): Promise<void> {
  try {
    const module: { readonly [name: string]: unknown } = await import(file)
    tell({ begun: true })
    tell({ value: await (module[name] as Job)(input, ask) })
  } catch (error) {
    tell({ problem: problemOf(error) })
  }
}

const ask: AskMain = (name, input) => {
  waiting = Promise.withResolvers()
  tell({ wants: name, input })
  return waiting.promise
}

function tell(message: JobThreadMessage): void {
  parentPort!.postMessage(message)
}
