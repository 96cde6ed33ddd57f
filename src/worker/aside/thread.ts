import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { CancelledError, type Problem } from '../../errors.ts'
import { harmlessEnvironment } from '../apart/apart.ts'

/** What the thread is asked, and what it tells: that it begins, once the module is loaded, and what came of it. */
export type Asked = { readonly file: string; readonly name: string; readonly input: unknown }
export type Told = { readonly begun: true } | { readonly value: unknown } | { readonly problem: Problem }

/** What a job came to. */
export type Answered =
  | { readonly value: unknown }
  | { readonly problem: Problem }
  | { readonly exceeded: 'time' | 'memory' }

/** One thread, which does one job at a time. */
export interface Thread {
  ask(asked: Asked, deadline: number): Promise<Answered>
  isAlive(): boolean
  end(): Promise<void>
}

/** Megabytes of heap: a job that needs more is ended, and nothing else is. */
const MEMORY = 512

/** Starts a thread. It ends after `idle` ms without a job, when `onIdle` is told. */
export function startThread(idle: number, onIdle: (thread: Thread) => void): Thread {
  const worker = new Worker(new URL(`./thread-entry${extname(import.meta.url)}`, import.meta.url), {
    execArgv: [],
    env: harmlessEnvironment(process.env),
    resourceLimits: { maxOldGenerationSizeMb: MEMORY },
    stdin: false,
  })
  let current: PromiseWithResolvers<Answered> | undefined
  let alive = true
  let ends: NodeJS.Timeout | undefined
  let limit = 0

  function lose(error: Error): void {
    alive = false
    clearTimeout(ends)
    const isMemory = (error as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY'
    isMemory ? settle({ exceeded: 'memory' }) : current?.reject(error)
  }

  function settle(answered: Answered): void {
    current?.resolve(answered)
    current = undefined
  }

  async function end(): Promise<void> {
    alive = false
    clearTimeout(ends)
    await worker.terminate()
  }

  function exceed(): void {
    settle({ exceeded: 'time' })
    void end()
  }

  worker.on('message', (told: Told) => {
    if (!current) return
    clearTimeout(ends)
    if ('begun' in told) ends = setTimeout(exceed, limit)
    else settle(told)
  })
  worker.on('messageerror', (error) => {
    lose(error)
    void end()
  })
  worker.on('error', lose)
  worker.on('exit', () => lose(new CancelledError('cancelled')))
  worker.unref()

  const thread: Thread = {
    async ask(asked, deadline) {
      clearTimeout(ends)
      limit = deadline
      current = Promise.withResolvers()
      const { promise } = current
      worker.ref()
      try {
        worker.postMessage(asked)
        return await promise
      } finally {
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
