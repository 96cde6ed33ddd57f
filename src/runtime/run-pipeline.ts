import { loadConfig } from '../config.ts'
import type { RunDocument } from '../pipeline/document.ts'
import { createRuntime, type RunRequest, type Runtime } from '../runtime.ts'

/** How to run a pipeline: as `startRun` does, and with what. */
export type RunOptions = Omit<RunRequest, 'file'> & {
  /** the runtime to run it on; absent: one of its own over the project's data folder, for as long as that takes */
  readonly runtime?: Runtime
  /** where to look for antiphon.yaml; absent: the current folder */
  readonly folder?: string
  /** aborted: the run is called off, and told as cancelled */
  readonly signal?: AbortSignal
}

/**
 * Runs a pipeline to its end and resolves with its document, the one that `antiphon run FILE --json` prints, whether it completed,
 * failed or was called off. InvalidError when the file or an input is wrong: nothing was started.
 */
export async function runPipeline(file: string, options: RunOptions = {}): Promise<RunDocument> {
  const { runtime, folder = '.', signal, ...request } = options
  signal?.throwIfAborted()
  const used = runtime ?? (await createRuntime(await loadConfig({ folder, environment: process.env })))
  try {
    return await Promise.race([runToEnd(used, { file, ...request }, signal), used.broken()])
  } finally {
    if (!runtime) await used.stop()
  }
}

async function runToEnd(runtime: Runtime, request: RunRequest, signal?: AbortSignal): Promise<RunDocument> {
  const { id } = await runtime.startRun(request)
  const callOff = () => void runtime.cancel(id, 'it was called off').catch(() => {})
  signal?.addEventListener('abort', callOff, { once: true })
  if (signal?.aborted) callOff()
  try {
    for await (const { body } of runtime.runEvents(id)) if ((body as { type: string }).type === 'run-end') break
    return await runtime.run(id)
  } finally {
    signal?.removeEventListener('abort', callOff)
  }
}
