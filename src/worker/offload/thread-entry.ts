// Entry point of a computation thread.
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { errorOf, problemOf } from '../../errors.ts'
import { loadJob } from './run-job.ts'
import type { AskMain, JobRequest } from './runner.ts'
import type { JobThreadMessage, MainMessage } from './thread.ts'
import { ownCpu } from './time-limit.ts'

/** The difference in priority from the main thread. */
const NICENESS = 5

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
    const perform = await loadJob({ file, name })
    tell({ begun: true, cpu: ownCpu() })
    tell({ value: await perform(input, ask) })
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
