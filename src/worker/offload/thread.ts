import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { CancelledError, type Problem, problemOf } from '../../errors.ts'
import { harmlessEnvironment } from '../isolation/isolated-worker.ts'
import type { JobRequest, JobResult, JobRunner, MainHandlers } from './runner.ts'
import { createTimeLimit, type TimeLimit } from './time-limit.ts'

/** A job for the thread, or the answer to its call of the main thread. */
export type MainMessage = JobRequest | Done
/**
 * Messages of the thread: the job begins (its module is loaded; ms of CPU that the thread has used), a call of the main
 * thread (one at a time), or the result.
 */
export type JobThreadMessage =
  | { readonly begun: true; readonly cpu: number | undefined }
  | { readonly wants: string; readonly input: unknown }
  | Done
type Done = { readonly value: unknown } | { readonly problem: Problem }

type Current = {
  readonly done: PromiseWithResolvers<JobResult>
  readonly answers: MainHandlers
  readonly deadline: number
  time?: TimeLimit
}

/** Megabytes of heap, unless the caller says less. */
const MAX_HEAP_MB = 512

/**
 * Starts a thread. It ends after `idle` ms without a job and calls `onIdle`. A job that needs more than `heap`
 * megabytes is ended without effect on anything else.
 */
export function startThread(
  idle: number,
  onIdle: (thread: JobRunner) => void,
  heap = MAX_HEAP_MB,
  stretch?: number,
): JobRunner {
  const worker = new Worker(new URL(`./thread-entry${extname(import.meta.url)}`, import.meta.url), {
    execArgv: [],
    env: harmlessEnvironment(process.env),
    resourceLimits: { maxOldGenerationSizeMb: heap },
  })
  let current: Current | undefined
  let alive = true
  let ends: NodeJS.Timeout | undefined

  function lose(error: Error): void {
    alive = false
    clearTimeout(ends)
    const isMemory = (error as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY'
    isMemory ? settle({ exceeded: 'memory' }) : current?.done.reject(error)
  }

  function settle(answered: JobResult): void {
    current?.done.resolve(answered)
    current = undefined
  }

  async function end(): Promise<void> {
    alive = false
    clearTimeout(ends)
    await worker.terminate()
  }

  function begin(of: Current, cpu: number | undefined): void {
    const onExceeded = () => {
      settle({ exceeded: 'time' })
      void end()
    }
    of.time = createTimeLimit(worker, of.deadline, cpu, onExceeded, stretch)
    of.time.count()
  }

  function hear(of: Current, message: JobThreadMessage): void {
    if ('begun' in message) return void begin(of, message.cpu)
    of.time?.pause()
    if ('wants' in message) void answerTo(of, message.wants, message.input)
    else settle(message)
  }

  async function answerTo(of: Current, name: string, input: unknown): Promise<void> {
    const answer = await done(() => of.answers[name]!(input as never))
    if (current !== of) return
    worker.postMessage(answer)
    of.time?.count()
  }

  worker.on('message', (message: JobThreadMessage) => current && hear(current, message))
  worker.on('messageerror', (error) => {
    lose(error)
    void end()
  })
  worker.on('error', lose)
  worker.on('exit', () => lose(new CancelledError('cancelled')))
  worker.unref()

  const thread: JobRunner = {
    async ask(asked, deadline, answers = {}) {
      clearTimeout(ends)
      const asking: Current = { done: Promise.withResolvers(), answers, deadline }
      current = asking
      worker.ref()
      try {
        worker.postMessage(asked)
        return await asking.done.promise
      } finally {
        asking.time?.pause()
        current = undefined
        worker.unref()
        if (alive) ends = setTimeout(leave, idle).unref()
      }
    },
    isAlive: () => alive,
    end,
  }

  function leave(): void {
    onIdle(thread)
    void end()
  }

  return thread
}

async function done(act: () => unknown): Promise<Done> {
  try {
    return { value: await act() }
  } catch (error) {
    return { problem: problemOf(error) }
  }
}
