import { availableParallelism, totalmem } from 'node:os'
import { CancelledError, errorOf, RetryableError, TerminalError } from '../../errors.ts'
import { WORKER_LOST } from '../worker.ts'
import { beginAttempt } from './attempts.ts'
import { createFairQueue } from './fair-queue.ts'
import { startJobProcess } from './process.ts'
import type { JobResult, JobRunner, MainHandlers, StartRunner } from './runner.ts'
import { startThread } from './thread.ts'

/** A function to run in a thread: module and export. Input and result are copied. */
export type OffloadJob = { readonly file: URL; readonly name: string }

/** `share`: the owner for fairness. `limits`: time and memory. */
export type OffloadOptions = {
  /** threads are divided fairly among shares: an owner, or a run that has none */
  readonly share: string
  /** ms it may compute. Waiting for a thread does not count; waiting for the CPU counts only as its runner says. */
  readonly deadline: number
  /** the subject of the error when it exceeds the deadline or its memory: `Checking this data` */
  readonly what: string
  /** the hint of that error */
  readonly hint?: string
  readonly signal?: AbortSignal | undefined
  /** functions of the main thread that the job may call, by name */
  readonly answers?: MainHandlers
  /** the hash of an input that may end this whole program, so that it is refused after two times */
  readonly attempt?: string
}

/** Threads or processes for computations that would block the main thread, or use up its memory. */
interface Offload {
  /**
   * Runs a job in one of them. TerminalError `too_large` when it exceeds its deadline or its memory, RetryableError
   * `worker_lost` when its process ends otherwise; it is then replaced. `cut_off`: see `OffloadOptions.attempt`.
   */
  run(job: OffloadJob, input: unknown, terms: OffloadOptions): Promise<unknown>
  /** Ends its threads or processes; jobs in flight are cancelled. */
  close(): Promise<void>
}

type Task = {
  readonly job: OffloadJob
  readonly input: unknown
  readonly terms: OffloadOptions
  readonly done: PromiseWithResolvers<unknown>
  runner?: JobRunner
}

const MIN_RUNNERS = 2
const MAX_RUNNERS = 4
/** ms after which an idle thread or process ends. */
const IDLE_MS = 30_000

/** As many runners as there are processors, two to four. One share never holds all of them. */
export function createOffload(
  most = Math.min(MAX_RUNNERS, Math.max(MIN_RUNNERS, availableParallelism())),
  start: StartRunner = startThread,
): Offload {
  const turns = createFairQueue<Task>(Math.max(1, most - 1))
  const idle: JobRunner[] = []
  const busy = new Set<Task>()

  function dispatch(): void {
    while (busy.size < most) {
      const task = turns.next()
      if (!task) return
      busy.add(task)
      task.runner = idle.pop() ?? start(IDLE_MS, (runner) => void remove(idle, runner))
      void perform(task, task.runner)
    }
  }

  async function perform(task: Task, runner: JobRunner): Promise<void> {
    const { job, input, terms, done } = task
    let endAttempt = () => {}
    try {
      if (terms.attempt !== undefined) endAttempt = beginAttempt(terms.attempt)
      const request = { file: job.file.href, name: job.name, input }
      done.resolve(resultOf(await runner.ask(request, terms.deadline, terms.answers), terms))
    } catch (error) {
      done.reject(terms.signal?.aborted ? new CancelledError('cancelled', { cause: terms.signal.reason }) : error)
    } finally {
      endAttempt()
      busy.delete(task)
      turns.end(terms.share)
      if (runner.isAlive()) idle.push(runner)
      dispatch()
    }
  }

  function cancel(task: Task): void {
    if (task.runner) return void task.runner.end()
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
      await Promise.all([...idle.splice(0), ...[...busy].map(({ runner }) => runner!)].map((runner) => runner.end()))
    },
  }
}

function resultOf(answered: JobResult, { what, deadline, hint }: OffloadOptions): unknown {
  if ('value' in answered) return answered.value
  if ('problem' in answered) throw errorOf(answered.problem)
  if ('ended' in answered)
    throw new RetryableError(`${what} ended its process (${answered.ended}).`, { code: WORKER_LOST })
  const most = answered.exceeded === 'time' ? `the most is ${deadline} ms` : 'it runs out of memory'
  throw new TerminalError(`${what} exceeds its limits (${most}).`, { code: 'too_large', hint })
}

function remove<T>(list: T[], one: T): void {
  const at = list.indexOf(one)
  if (at >= 0) list.splice(at, 1)
}

let shared: Offload | undefined
let bounded: Offload | undefined

/** The threads of this process; they start with the first job and end when idle. */
export function processOffload(): Offload {
  shared ??= createOffload()
  return shared
}

/** Memory of the machine that stands for one process. */
const MEMORY_OF_PROCESS = 2 * 1024 ** 3

/**
 * Processes with a limit of memory, for input of strangers that a library unpacks: files and pages. They start with the
 * first job, end when idle, and end with this process.
 */
export function boundedOffload(): Offload {
  const room = Math.floor(Math.min(process.constrainedMemory() || Infinity, totalmem()) / MEMORY_OF_PROCESS)
  const most = Math.min(MAX_RUNNERS, availableParallelism(), room)
  bounded ??= createOffload(Math.max(MIN_RUNNERS, most), startJobProcess)
  return bounded
}
