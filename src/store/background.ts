import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { CancelledError, errorOf } from '../errors.ts'
import type { BackgroundJobs, BackgroundResult } from './background-worker.ts'
import { openStopFlags } from './unbroken-call.ts'

/**
 * Runs a long job of this folder in a separate thread. The signal asks the job to stop at its next row. The thread is
 * never terminated (see `openStopFlags`).
 */
export async function runInBackground<Name extends keyof BackgroundJobs>(
  name: Name,
  input: Parameters<BackgroundJobs[Name]>,
  signal?: AbortSignal,
): Promise<ReturnType<BackgroundJobs[Name]>> {
  if (signal?.aborted) throw new CancelledError()
  const { stopFlags, stop, close } = openStopFlags()
  const worker = new Worker(new URL(`./background-worker${extname(import.meta.url)}`, import.meta.url), {
    workerData: { aside: { name, input }, stopFlags },
  })
  const { promise, resolve, reject } = Promise.withResolvers<ReturnType<BackgroundJobs[Name]>>()
  worker.once('message', ({ problem, result }: BackgroundResult) =>
    problem ? reject(errorOf(problem)) : resolve(result as ReturnType<BackgroundJobs[Name]>),
  )
  worker.once('error', reject)
  // has no effect after an answer
  worker.once('exit', () => {
    close()
    reject(new CancelledError())
  })
  signal?.addEventListener('abort', stop, { once: true })
  return promise.finally(() => signal?.removeEventListener('abort', stop))
}
