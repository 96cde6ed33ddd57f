import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { CancelledError, errorOf } from '../errors.ts'
import type { BackgroundJobs, BackgroundResult } from './background-worker.ts'

/** Runs a long job of this folder in a separate thread. The signal ends it. */
export async function runInBackground<Name extends keyof BackgroundJobs>(
  name: Name,
  input: Parameters<BackgroundJobs[Name]>,
  signal?: AbortSignal,
): Promise<ReturnType<BackgroundJobs[Name]>> {
  const worker = new Worker(new URL(`./background-worker${extname(import.meta.url)}`, import.meta.url), {
    workerData: { aside: { name, input } },
  })
  const { promise, resolve, reject } = Promise.withResolvers<ReturnType<BackgroundJobs[Name]>>()
  const leave = () => void worker.terminate()
  worker.once('message', ({ problem, result }: BackgroundResult) =>
    problem ? reject(errorOf(problem)) : resolve(result as ReturnType<BackgroundJobs[Name]>),
  )
  worker.once('error', reject)
  // has no effect after an answer
  worker.once('exit', () => reject(new CancelledError('cancelled')))
  if (signal?.aborted) leave()
  signal?.addEventListener('abort', leave, { once: true })
  return promise.finally(() => signal?.removeEventListener('abort', leave))
}
