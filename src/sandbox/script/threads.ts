import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

/** Room of the thread around the heap of QuickJS, in MB. */
const THREAD_MB = 128

/** How long a thread waits for a script, in ms. */
const IDLE_MS = 60_000

/** A thread whose QuickJS is ready, or soon is; `memory` is the heap of its QuickJS in bytes. */
type Spare = { readonly worker: Worker; readonly memory: number; readonly idle: NodeJS.Timeout }

let spare: Spare | undefined

/** A thread for one script: the spare one, or a new one. No thread is used twice. */
export function takeThread(memory: number): Worker {
  const worker = takeSpare(memory) ?? startThread(memory)
  worker.ref()
  return worker
}

/** Starts a thread that waits for the next script, at most a minute: starting takes longer than most scripts. */
export function keepSpare(memory: number): void {
  if (spare?.memory === memory) return
  dropSpare()
  const worker = startThread(memory)
  spare = { worker, memory, idle: setTimeout(dropSpare, IDLE_MS).unref() }
  // a spare that fails is not a loss: the next script starts its own thread, and reports why that fails
  const forget = () => {
    if (spare?.worker === worker) dropSpare()
  }
  worker.once('error', forget).once('exit', forget).unref()
}

function takeSpare(memory: number): Worker | undefined {
  if (spare?.memory !== memory) return undefined
  const { worker, idle } = spare
  spare = undefined
  clearTimeout(idle)
  worker.removeAllListeners()
  return worker
}

function dropSpare(): void {
  if (!spare) return
  clearTimeout(spare.idle)
  void spare.worker.terminate()
  spare = undefined
}

function startThread(memory: number): Worker {
  return new Worker(new URL(`./script-entry${extname(import.meta.url)}`, import.meta.url), {
    workerData: memory,
    execArgv: [],
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: THREAD_MB },
  })
}
