import { loadConfig } from '../../config/config.ts'
import type { NumberedEvent } from '../../engine/engine.ts'
import type { RunDocument } from '../../pipeline/report/document.ts'
import type { RunRequest } from '../../runtime/ports/runs.ts'
import type { Runtime } from '../../runtime/ports.ts'
import { createServedRuntime } from './served-runtime.ts'

/** Options of a run: its inputs and the other fields of a `RunRequest`, and the place of the data. */
export type RunOptions = Omit<RunRequest, 'file'> & {
  /** an open runtime; absent: a runtime over the data folder is opened for this run and closed after it */
  readonly runtime?: Runtime
  /** the folder in which the search for antiphon.yaml begins, upwards; absent: the current folder */
  readonly folder?: string
  /** Called with each durable event of the run, in order. An error that it throws ends the waiting, not the run. */
  onEvent?(event: NumberedEvent): void
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
  const { runtime, folder = '.', onEvent, signal, ...request } = options
  signal?.throwIfAborted()
  if (runtime) return runIn(runtime, { file, ...request }, options)
  const own = await createServedRuntime(await loadConfig({ folder, environment: process.env }))
  try {
    return await runIn(own, { file, ...request }, options)
  } finally {
    await own.stop()
  }
}

async function runIn(runtime: Runtime, request: RunRequest, options: RunOptions): Promise<RunDocument> {
  const { id } = await runtime.runs.start(request)
  // work that an earlier process left of it
  if (request.id !== undefined) await runtime.runs.resume(id)
  await Promise.race([followToEnd(runtime, id, options), runtime.broken()])
  return runtime.runs.get(id)
}

async function followToEnd(runtime: Runtime, id: string, { signal, onEvent }: RunOptions): Promise<void> {
  for await (const event of runtime.runs.events(id, signal && { signal })) onEvent?.(event)
  signal?.throwIfAborted()
}
