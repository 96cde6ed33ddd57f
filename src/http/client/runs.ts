import type { RunDocument } from '../../pipeline/report/document.ts'
import type { ForkRequest, RunSummary, RunsPort } from '../../runtime/ports/runs.ts'
import type { From, Happening } from './event-stream.ts'
import { type Asking, once, pathTo, queryOf } from './request.ts'

/**
 * Runs of a server. Starting a run and sending a signal carry an id; the client makes one when none is given. When the answer is lost, `fetch`
 * may send the request again: the server acts once.
 */
export interface RunsClient extends Omit<RunsPort, 'artifact' | 'events' | 'list'> {
  /** Starts a run that reuses everything another run has recorded, and does only what is not recorded. */
  replay(run: string, request?: Pick<ForkRequest, 'id' | 'interactive' | 'budget'>): Promise<{ readonly id: string }>
  /** Lists runs by their start, the newest first. */
  list(query?: { readonly limit?: number; readonly status?: string }): Promise<readonly RunSummary[]>
  /** Lists the files that the steps of a run made. */
  artifacts(run: string): Promise<RunDocument['artifacts']>
  /** Reads the content of the file that a step made. */
  artifact(run: string, step: string, signal?: AbortSignal): Promise<Uint8Array>
  /** Streams the durable events of a run after a number, with the output of models between them, until `run-end` or the signal. */
  events(id: string, from?: From): AsyncIterable<Happening>
}

/** The runs of a server. */
export function runsClient({ get, post, bytes, follow }: Asking): RunsClient {
  const at = (id: string, ...names: readonly string[]) => pathTo('runs', id, ...names)
  return {
    start: (request) => post('/runs', once('run', request)),
    fork: (run, request = {}) => post(at(run, 'fork'), once('run', request)),
    replay: (run, request = {}) => post(at(run, 'replay'), once('run', request)),
    list: async (query = {}) => (await get<{ items: RunSummary[] }>(`/runs${queryOf(query)}`)).items,
    get: (id) => get(at(id)),
    step: (run, id) => get(at(run, 'steps', id)),
    artifacts: async (run) => (await get<{ items: RunDocument['artifacts'] }>(at(run, 'artifacts'))).items,
    artifact: (run, step, signal) => bytes(at(run, 'artifacts', step), signal),
    events: (id, from) => follow(at(id, 'events'), from, 'run-end'),
    cancel: async (id, reason, options) => void (await post(at(id, 'cancel'), { reason, ...options })),
    resume: async (id) => void (await post(at(id, 'resume'), {})),
    signal: (id, name, value, options = {}) => post(at(id, 'signal'), { name, value, ...once('sig', options) }),
  }
}
