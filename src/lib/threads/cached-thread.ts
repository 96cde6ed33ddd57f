import { getCompileCacheDir } from 'node:module'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Starts a thread at an ES module. Its modules come from the compile cache of this process or of the environment, if
 * there is one: Node does not pass it on to threads, and compiling them takes most of the time of a start.
 */
export function startCachedThread(entry: URL, options: WorkerOptions): Worker {
  const folder = getCompileCacheDir?.() ?? process.env.NODE_COMPILE_CACHE
  if (folder === undefined || folder === '') return new Worker(entry, options)
  const start = `require('node:module').enableCompileCache(${JSON.stringify(folder)}); import(${JSON.stringify(entry.href)})`
  return new Worker(start, { ...options, eval: true })
}
