import type { ListInbox } from '../../runtime/inbox.ts'
import type {
  ForkRequest,
  InboxItem,
  Plan,
  RunDocument,
  RunRequest,
  RunSummary,
  Runtime,
  ValidateOptions,
  Verdict,
  WhichPipeline,
} from '../../runtime.ts'
import type { From, Happening } from '../client.ts'
import { type Asking, pathTo, queryOf } from './asking.ts'

/** Pipelines and their runs, as a client has them. */
export interface Runs extends Pick<Runtime, 'changes' | 'resume' | 'cancel' | 'signal' | 'inbox'> {
  validate(which: string | WhichPipeline, options?: ValidateOptions): Promise<Verdict>
  plan(which: string | WhichPipeline, options?: ValidateOptions): Promise<Plan>
  startRun(request: RunRequest): Promise<{ readonly id: string }>
  fork(run: string, request?: ForkRequest): Promise<{ readonly id: string }>
  runs(query?: { readonly limit?: number; readonly status?: string }): Promise<readonly RunSummary[]>
  run(id: string): Promise<RunDocument>
  /** Its durable events after a number, between them what models write, until `run-end` or the signal. */
  runEvents(id: string, from?: From): AsyncIterable<Happening>
}

export function runsClient({ get, post, follow }: Asking): Runs {
  const at = (id: string, ...names: readonly string[]) => pathTo('runs', id, ...names)
  return {
    validate: (which, options = {}) => post('/pipelines/validate', { ...named(which), ...options }),
    plan: (which, options = {}) => post('/pipelines/plan', { ...named(which), ...options }),
    startRun: (request) => post('/runs', request),
    fork: (run, request = {}) => post(at(run, 'fork'), request),
    changes: (run) => get(at(run, 'changes')),
    runs: async (query = {}) => (await get<{ items: RunSummary[] }>(`/runs${queryOf(query)}`)).items,
    run: (id) => get(at(id)),
    runEvents: (id, from) => follow(at(id, 'events'), from, 'run-end'),
    resume: async (id) => void (await post(at(id, 'resume'), {})),
    cancel: async (id, reason, options) => void (await post(at(id, 'cancel'), { reason, ...options })),
    signal: (id, name, value, options = {}) => post(at(id, 'signal'), { name, value, ...options }),
    inbox: (async (query = {}) => (await get<{ items: InboxItem[] }>(`/inbox${queryOf(query)}`)).items) as ListInbox,
  }
}

const named = (which: string | WhichPipeline) => (typeof which === 'string' ? { file: which } : which)
