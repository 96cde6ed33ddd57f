import { loadConfig } from '../../config/config.ts'
import type { NumberedEvent } from '../../engine/engine.ts'
import type { RunDocument } from '../../pipeline/report/document.ts'
import type { RunRequest } from '../../runtime/ports/runs.ts'
import type { Runtime } from '../../runtime/ports.ts'
import { createRuntime } from './served-runtime.ts'

/** How to run a pipeline: its inputs and all else of a `RunRequest`, and where. */
export type RunOptions = Omit<RunRequest, 'file'> & {
  /** an open runtime; absent: one over the folder's data is opened for this run, and closed after it */
  readonly runtime?: Runtime
  /** where to look for antiphon.yaml, there or in the nearest folder above; absent: the current one */
  readonly folder?: string
  /** Called with each durable event of the run, in order; an error it throws ends the waiting, not the run. */
  onEvent?(event: NumberedEvent): void
  /** ends the waiting, which then rejects with its reason; the run stays, and goes on under the same `id` */
  readonly signal?: AbortSignal
}

/**
 * Runs a pipeline file (relative to the current folder) to its end and resolves with its document, the one that `antiphon run FILE
 * --json` prints, also when it failed or was called off. With an `id` it is one run, however often it is asked for and whatever crashed in
 * between: what is recorded is not done again, and it goes on as it was started. Throws InvalidError when the file or an input is
 * wrong, and nothing is started; an error of code `owned` when another process has the data folder; a CancelledError `stopped` when the
 * runtime is stopped meanwhile.
 */
export async function runPipeline(file: string, options: RunOptions = {}): Promise<RunDocument> {
  const { runtime, folder = '.', onEvent, signal, ...request } = options
  signal?.throwIfAborted()
  if (runtime) return runIn(runtime, { file, ...request }, options)
  const own = await createRuntime(await loadConfig({ folder, environment: process.env }))
  try {
    return await runIn(own, { file, ...request }, options)
  } finally {
    await own.stop()
  }
}

async function runIn(runtime: Runtime, request: RunRequest, options: RunOptions): Promise<RunDocument> {
  const { id } = await runtime.runs.start(request)
  // what an earlier process left of it
  if (request.id !== undefined) await runtime.runs.resume(id)
  await Promise.race([followToEnd(runtime, id, options), runtime.broken()])
  return runtime.runs.get(id)
}

async function followToEnd(runtime: Runtime, id: string, { signal, onEvent }: RunOptions): Promise<void> {
  for await (const event of runtime.runs.events(id, signal && { signal })) onEvent?.(event)
  signal?.throwIfAborted()
}
