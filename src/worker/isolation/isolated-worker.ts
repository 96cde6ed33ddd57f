import { CancelledError, errorOf, RetryableError } from '../../errors.ts'
import type { Offers } from '../capabilities.ts'
import { WORKER_LOST, type WorkerKind } from '../worker.ts'
import type { IsolatedCallResult } from './call.ts'

/** Options of a worker in its own thread or process. */
export type IsolationOptions = {
  readonly id: string
  /** the module with its functions */
  readonly file: URL
  readonly offers?: Offers
  readonly priority?: number
  /** maximum megabytes of its heap; absent: Node's default */
  readonly memory?: number
  /** ms for a cancelled call to end by itself before the worker is killed; absent: 1 s */
  readonly grace?: number
  /** its environment; absent: only variables that locate programs and files */
  readonly environment?: ProcessEnvironment
}

export type ProcessEnvironment = { readonly [name: string]: string | undefined }

const ABORT_GRACE_MS = 1_000
const HARMLESS_VARIABLES = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'LANG', 'LC_ALL', 'TZ', 'SystemRoot']

/** The default environment: variables without keys and passwords. */
export function harmlessEnvironment(environment: ProcessEnvironment): NodeJS.ProcessEnv {
  return Object.fromEntries(
    HARMLESS_VARIABLES.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  )
}

type CallChannel = {
  /** Rejects when no further call can be answered. */
  readonly answer: Promise<IsolatedCallResult>
  /** The error for the end of the worker, by its cause. */
  explain(cause: unknown): unknown
  /** Notifies the call of its cancellation. */
  callOff(): void
  /** Ends the worker at any point of its work. */
  kill(): void
}

/** Awaits a call. After cancellation it notifies the call, and kills the worker if the call does not end. */
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
  return new CancelledError('Cancelled while running.', { cause: reason })
}

/** The error of a task whose worker died. */
export function lostWorker(kind: WorkerKind, id: string, cause: unknown): RetryableError {
  return new RetryableError(`The ${kind} ${id} died while running a task.`, { code: WORKER_LOST, cause })
}
