import { loadConfig } from '../../config/config.ts'
import type { NumberedEvent } from '../../engine/engine.ts'
import type { RunDocument } from '../../run/document.ts'
import type { RunEvent } from '../../run/event.ts'
import type { RunRequest, RunsPort } from '../../run/room/port.ts'
import type { Runtime } from '../../runtime/ports.ts'
import { createServedRuntime } from './served-runtime.ts'

/** Options of a run: its inputs and the other fields of a `RunRequest`, and the place of the data. */
export type RunOptions = Omit<RunRequest, 'file'> & {
  /** an open runtime; absent: a runtime over the data folder is opened for this run and closed after it */
  readonly runtime?: Runtime
  /** the folder in which the search for antiphon.yaml begins, upwards; absent: the current folder */
  readonly folder?: string
  /** Called with each durable event of the run, in order. An error that it throws ends the waiting, not the run. */
  onEvent?(event: NumberedEvent<RunEvent>): void
  /** ends the waiting, which then rejects with the signal's reason; the run stays, and continues under the same `id` */
  readonly signal?: AbortSignal
}

/**
 * Runs a pipeline file (relative to the current folder) and resolves with its document, like
 * `antiphon run FILE --json`, also if it failed or was cancelled. With an `id` it is one run,
 * however often it is requested: recorded steps are not repeated, even after a crash.
 * @throws InvalidError if the file or an input is wrong; an error of code `owned` if another
 * process owns the data folder; CancelledError `stopped` if the runtime stops
 */
export async function runPipeline(file: string, options: RunOptions = {}): Promise<RunDocument> {
  const { runtime, folder = '.', onEvent: _, signal, ...request } = options
  signal?.throwIfAborted()
  if (runtime) return Promise.race([runToEnd(runtime.runs, { file, ...request }, options), runtime.broken()])
  const own = await createServedRuntime(await loadConfig({ folder, environment: process.env }))
  return runPipeline(file, { ...options, runtime: own }).finally(() => own.stop())
}

/** The runs of this process, or of the one that does the work. */
type Runs<Event> = Pick<RunsPort, 'start' | 'resume' | 'get'> & {
  events(id: string, from?: { readonly signal?: AbortSignal }): AsyncIterable<Event>
}

/** Starts a run or continues it, and resolves with its document when it has ended. */
export async function runToEnd<Event>(
  runs: Runs<Event>,
  request: RunRequest,
  { signal, onEvent }: { readonly signal?: AbortSignal; onEvent?(event: Event): void },
): Promise<RunDocument> {
  const { id } = await runs.start(request)
  // work that an earlier process left of it
  if (request.id !== undefined) await runs.resume(id)
  for await (const event of runs.events(id, signal && { signal })) onEvent?.(event)
  signal?.throwIfAborted()
  return runs.get(id)
}
