import { availableParallelism } from 'node:os'
import { CancelledError, errorOf, TerminalError } from '../../errors.ts'
import { createFairQueue } from './fair-queue.ts'
import { type JobResult, type JobThread, type MainHandlers, startThread } from './thread.ts'

/** A function to run in a thread: module and export. Input and result are copied. */
export type OffloadJob = { readonly file: URL; readonly name: string }

/** `share`: the owner for fairness. `limits`: time and memory. */
export type OffloadOptions = {
  /** threads are divided fairly among shares: an owner, or a run that has none */
  readonly share: string
  /** ms it may compute; waiting for a thread does not count */
  readonly deadline: number
  /** the subject of the error when it exceeds the deadline or its memory: `Checking this data` */
  readonly what: string
  readonly signal?: AbortSignal | undefined
  /** functions of the main thread that the job may call, by name */
  readonly answers?: MainHandlers
}

/** Threads for computations that would block the main thread. */
interface Offload {
  /**
   * Runs a job in one of the threads. TerminalError `too_large` when it
   * exceeds its deadline or its memory; the thread is then replaced.
   */
  run(job: OffloadJob, input: unknown, terms: OffloadOptions): Promise<unknown>
  /** Ends its threads; jobs in flight are cancelled. */
  close(): Promise<void>
}

type Task = {
  readonly job: OffloadJob
  readonly input: unknown
  readonly terms: OffloadOptions
  readonly done: PromiseWithResolvers<unknown>
  thread?: JobThread
}

const MIN_THREADS = 2
const MAX_THREADS = 4
/** ms after which an idle thread ends. */
const IDLE_THREAD_MS = 30_000

/**
 * As many threads as there are processors, two to four. One share never holds all of them. `heap`: megabytes of each
 * thread.
 */
export function createOffload(
  threads = Math.min(MAX_THREADS, Math.max(MIN_THREADS, availableParallelism())),
  heap?: number,
): Offload {
  const turns = createFairQueue<Task>(Math.max(1, threads - 1))
  const idle: JobThread[] = []
  const busy = new Set<Task>()

  function dispatch(): void {
    while (busy.size < threads) {
      const task = turns.next()
      if (!task) return
      busy.add(task)
      task.thread = idle.pop() ?? startThread(IDLE_THREAD_MS, (thread) => void remove(idle, thread), heap)
      void perform(task, task.thread)
    }
  }

  async function perform(task: Task, thread: JobThread): Promise<void> {
    const { job, input, terms, done } = task
    try {
      done.resolve(
        resultOf(
          await thread.ask({ file: job.file.href, name: job.name, input }, terms.deadline, terms.answers),
          terms,
        ),
      )
    } catch (error) {
      done.reject(terms.signal?.aborted ? new CancelledError('cancelled', { cause: terms.signal.reason }) : error)
    } finally {
      busy.delete(task)
      turns.end(terms.share)
      if (thread.isAlive()) idle.push(thread)
      dispatch()
    }
  }

  function cancel(task: Task): void {
    if (task.thread) return void task.thread.end()
    turns.remove(task.terms.share, task)
    task.done.reject(new CancelledError('cancelled', { cause: task.terms.signal?.reason }))
  }

  return {
    run(job, input, terms) {
      const { signal, share } = terms
      if (signal?.aborted) return Promise.reject(new CancelledError('cancelled', { cause: signal.reason }))
      const task: Task = { job, input, terms, done: Promise.withResolvers() }
      const stop = () => cancel(task)
      signal?.addEventListener('abort', stop, { once: true })
      turns.add(share, task)
      dispatch()
      return task.done.promise.finally(() => signal?.removeEventListener('abort', stop))
    },
    async close() {
      for (const task of turns.clear()) task.done.reject(new CancelledError('cancelled'))
      await Promise.all([...idle.splice(0), ...[...busy].map(({ thread }) => thread!)].map((thread) => thread.end()))
    },
  }
}

function resultOf(answered: JobResult, { what, deadline }: OffloadOptions): unknown {
  if ('value' in answered) return answered.value
  if ('problem' in answered) throw errorOf(answered.problem)
  const most = answered.exceeded === 'time' ? `the most is ${deadline} ms` : 'it runs out of memory'
  throw new TerminalError(`${what} exceeds its limits (${most}).`, { code: 'too_large' })
}

function remove<T>(list: T[], one: T): void {
  const at = list.indexOf(one)
  if (at >= 0) list.splice(at, 1)
}

let shared: Offload | undefined

/** The threads of this process; they start with the first job and end when idle. */
export function processOffload(): Offload {
  shared ??= createOffload()
  return shared
}
