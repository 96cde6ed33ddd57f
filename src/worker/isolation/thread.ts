import { extname } from 'node:path'
import type { Piscina } from 'piscina'
import { InvalidError } from '../../errors.ts'
import { missingPackage } from '../../lib/package/manifest.ts'
import type { Worker } from '../worker.ts'
import type { IsolatedCall, IsolatedCallResult } from './call.ts'
import { awaitCall, harmlessEnvironment, type IsolationOptions, lostWorker } from './isolated-worker.ts'

/** The module, and the shared cell with the number of the cancelled call. */
export type IsolatedThreadData = { readonly file: string; readonly off: Int32Array<SharedArrayBuffer> }

/** `calls` is the number of calls it received. */
type Thread = {
  readonly piscina: Piscina<IsolatedCall, IsolatedCallResult>
  readonly off: IsolatedThreadData['off']
  calls: number
}

/** ms between two checks whether a thread is idle. An idle thread ends, and the next call starts another one. */
const IDLE_CHECK_MS = 30_000

/**
 * A worker in its own thread, for long computations. Runs one task at a time with
 * `worker.call(name, input, signal)`. The thread starts with the first call and is terminated if a
 * cancelled call does not end. Requires the package piscina.
 */
export function threadWorker(options: IsolationOptions): Worker {
  const { id, offers = {}, priority, grace } = options
  let thread: Thread | undefined
  let starting: Promise<Thread> | undefined
  let watch: NodeJS.Timeout | undefined

  async function start(): Promise<Thread> {
    const own = (starting ??= startThread(options))
    const started = await own
    if (starting !== own || thread) return started
    thread = started
    watch = watchIdle(started, end)
    return started
  }

  async function end(): Promise<void> {
    const ending = starting
    starting = thread = undefined
    clearInterval(watch)
    // the caller already got the error of the failed start
    const started = await ending?.catch(() => undefined)
    await started?.piscina.destroy()
  }

  function ask(asked: Thread, name: string, input: unknown, signal: AbortSignal): Promise<unknown> {
    const { piscina, off } = asked
    const call = { id: ++asked.calls, name, input }
    const callOff = () => tellOff(off, call.id)
    // it may have been replaced in the meantime
    const kill = () => void (thread === asked && end())
    return awaitCall({ answer: piscina.run(call), explain, callOff, kill }, signal, grace)
  }

  const explain = (cause: unknown) => (isCopying(cause) ? cause : lostWorker('thread', id, cause))

  return {
    id,
    kind: 'thread',
    offers,
    slots: 1,
    ...(priority !== undefined && { priority }),
    // no promise besides that of the answer, once there is a thread
    call(name, input, signal) {
      if (signal.aborted) return Promise.reject(signal.reason)
      return thread ? ask(thread, name, input, signal) : start().then((started) => ask(started, name, input, signal))
    },
    retire: end,
  }
}

async function startThread({ file, memory, environment }: IsolationOptions): Promise<Thread> {
  const { Piscina } = await loadPiscina()
  const off = new Int32Array(new SharedArrayBuffer(4))
  const data: IsolatedThreadData = { file: file.href, off }
  const piscina = new Piscina<IsolatedCall, IsolatedCallResult>({
    filename: new URL(`./thread-entry${extname(import.meta.url)}`, import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
    // avoids a timer, measurements and events of piscina per call
    idleTimeout: Number.POSITIVE_INFINITY,
    recordTiming: false,
    concurrentTasksPerWorker: 2,
    workerData: data,
    execArgv: [],
    env: { ...(environment ?? harmlessEnvironment(process.env)) },
    ...(memory !== undefined && { resourceLimits: { maxOldGenerationSizeMb: memory } }),
  })
  // the late result of a terminated thread, or the end of an idle one: the next call starts a new thread
  piscina.on('error', () => {})
  return { piscina, off, calls: 0 }
}

/** Ends the thread if it was idle since the last check. */
function watchIdle(thread: Thread, end: () => Promise<void>): NodeJS.Timeout {
  let seen = 0
  const look = () => {
    const { piscina, calls } = thread
    if (calls === seen && piscina.completed === calls) void end()
    seen = calls
  }
  return setInterval(look, IDLE_CHECK_MS).unref()
}

function tellOff(off: IsolatedThreadData['off'], call: number): void {
  Atomics.store(off, 0, call)
  Atomics.notify(off, 0)
}

/** A value that cannot be copied does not kill the worker. */
const isCopying = (error: unknown) => (error as Partial<Error> | undefined)?.name === 'DataCloneError'

const loadPiscina = () =>
  import('piscina').catch((cause) => {
    const message = 'Threads are configured, but the package piscina cannot be loaded.'
    throw new InvalidError(message, missingPackage('piscina', cause))
  })
