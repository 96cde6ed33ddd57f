import { performance } from 'node:perf_hooks'
import type { Json } from '../../kernel/json.ts'
import { keepSpare, takeThread } from './threads.ts'

/** JavaScript for QuickJS: the body of an async function of `inputs` and `files`, which reaches nothing else. */
export type Script = {
  readonly code: string
  readonly inputs: Json
  /** contents by name */
  readonly files: { readonly [name: string]: string }
  readonly limits: ScriptLimits
}

type ScriptLimits = {
  /** bytes of the heap of QuickJS */
  readonly memory: number
  readonly seconds: number
  /** characters that the script may print, answer and write, each */
  readonly output: number
}

/** How a script ended. `printed` is what it wrote to the console, `written` its files by name. */
export type ScriptResult = {
  readonly printed: string
  /** characters that it printed beyond the limit; absent: none */
  readonly dropped?: number
  /** ms */
  readonly elapsed: number
} & (
  | { readonly ended: 'value'; readonly value: Json; readonly written: { readonly [name: string]: string } }
  | { readonly ended: 'error'; readonly message: string }
  | { readonly ended: 'timeout' | 'cancelled' }
  | { readonly ended: 'limit'; readonly limit: 'memory' | 'output' }
)

/** The message of the thread at the end of a script, without data that only this side knows. */
export type ScriptEnd =
  | { readonly ended: 'value'; readonly value: string; readonly written: string; readonly printed: string }
  | { readonly ended: 'error'; readonly message: string; readonly printed: string }
  | { readonly ended: 'limit'; readonly limit: 'memory' | 'output'; readonly printed: string }

/** Runs a script in a thread of its own, which ends with it, at the limit of seconds, and on abort. */
export async function evaluateScript(script: Script, signal?: AbortSignal): Promise<ScriptResult> {
  const started = performance.now()
  const { ended, done } = runInThread(script, signal)
  const end = await ended.finally(done)
  return { ...resultOf(end), elapsed: performance.now() - started }
}

type Ended =
  | (ScriptEnd & { readonly dropped?: number })
  | { readonly ended: 'timeout' | 'cancelled'; readonly printed: string }

function runInThread(script: Script, signal: AbortSignal | undefined) {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>()
  const worker = takeThread(script.limits.memory)
  const cancel = () => resolve({ ended: 'cancelled', printed: '' })
  const timer = setTimeout(() => resolve({ ended: 'timeout', printed: '' }), script.limits.seconds * 1000)
  if (signal?.aborted) cancel()
  signal?.addEventListener('abort', cancel)
  worker.once('message', resolve)
  worker.once('error', (error: NodeJS.ErrnoException) =>
    error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      ? resolve({ ended: 'limit', limit: 'memory', printed: '' })
      : reject(error),
  )
  worker.postMessage(script)
  const done = async () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', cancel)
    await worker.terminate()
    keepSpare(script.limits.memory)
  }
  return { ended: promise, done }
}

function resultOf(end: Ended) {
  if (end.ended !== 'value') return end
  // only texts cross: what a script answers has no prototype of ours
  return {
    ...end,
    value: JSON.parse(end.value) as Json,
    written: JSON.parse(end.written) as { [name: string]: string },
  }
}
