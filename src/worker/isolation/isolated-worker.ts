import { CancelledError, errorOf, RetryableError } from '../../errors.ts'
import type { Offers } from '../capabilities.ts'
import { WORKER_LOST, type WorkerKind } from '../worker.ts'
import type { IsolatedCallResult } from './call.ts'

/** A worker in a thread or a process of its own. */
export type IsolationOptions = {
  readonly id: string
  /** the module whose functions it calls */
  readonly file: URL
  readonly offers?: Offers
  readonly priority?: number
  /** megabytes that its heap may have; absent: what Node gives */
  readonly memory?: number
  /** ms that a call which was called off gets to end by itself, before the worker is ended; absent: 1 s */
  readonly grace?: number
  /** its environment; absent: what programs need to be found and to find their files, and none of what else is set here */
  readonly environment?: ProcessEnvironment
}

export type ProcessEnvironment = { readonly [name: string]: string | undefined }

const ABORT_GRACE_MS = 1_000
const HARMLESS_VARIABLES = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'LANG', 'LC_ALL', 'TZ', 'SystemRoot']

/** What is handed on of the environment when nobody says: keys and passwords are not. */
export function harmlessEnvironment(environment: ProcessEnvironment): NodeJS.ProcessEnv {
  return Object.fromEntries(
    HARMLESS_VARIABLES.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  )
}

/** How one call is made there. */
export type CallChannel = {
  /** Rejects when there will be none. */
  readonly answer: Promise<IsolatedCallResult>
  /** The error of that, by its cause. */
  explain(cause: unknown): unknown
  /** Tells the call that it was called off. */
  callOff(): void
  /** Ends the worker, whatever it does. */
  kill(): void
}

/** What a call comes to: called off it is told so, and the worker is ended when it goes on regardless. */
export async function awaitCall(line: CallChannel, signal: AbortSignal, grace = ABORT_GRACE_MS): Promise<unknown> {
  let late: NodeJS.Timeout | undefined
  const stop = () => {
    line.callOff()
    late = setTimeout(line.kill, grace)
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop)
  let answer: IsolatedCallResult
  try {
    answer = await line.answer
  } catch (cause) {
    throw signal.aborted ? calledOff(signal) : line.explain(cause)
  } finally {
    signal.removeEventListener('abort', stop)
    clearTimeout(late)
  }
  if ('value' in answer) return answer.value
  throw signal.aborted ? calledOff(signal) : errorOf(answer.problem)
}

function calledOff({ reason }: AbortSignal): CancelledError {
  return new CancelledError('called off while at work', { cause: reason })
}

/** The error of a task whose worker died under it. */
export function lostWorker(kind: WorkerKind, id: string, cause: unknown): RetryableError {
  return new RetryableError(`the ${kind} ${id} died under its task`, { code: WORKER_LOST, cause })
}
