import type { Json } from '../../kernel/schema.ts'
import type { RunDocument, StepDetail } from '../../pipeline/report/document.ts'
import type { Plan } from '../../pipeline/report/plan.ts'
import type { InboxItem, ListInbox } from '../../runtime/ports/inbox.ts'
import type { ValidateOptions, Verdict, WhichPipeline } from '../../runtime/ports/pipelines.ts'
import type { ForkRequest, RunRequest, RunSummary } from '../../runtime/ports/runs.ts'
import type { Runtime } from '../../runtime/ports.ts'
import type { From, Happening } from './event-stream.ts'
import { type Asking, once, pathTo, queryOf } from './request.ts'

/** Pipelines and their runs, as a client has them. What is begun or sent has an id, a fresh one where none is given: a `fetch` that asks again when an answer was lost does it once. */
export interface Runs extends Pick<Runtime, 'changes' | 'resume' | 'cancel' | 'signal' | 'inbox'> {
  validate(which: string | WhichPipeline, options?: ValidateOptions): Promise<Verdict>
  plan(which: string | WhichPipeline, options?: ValidateOptions): Promise<Plan>
  startRun(request: RunRequest): Promise<{ readonly id: string }>
  fork(run: string, request?: ForkRequest): Promise<{ readonly id: string }>
  /** Takes over all that a run has recorded, and does what is not. */
  replay(run: string, request?: Pick<ForkRequest, 'id' | 'interactive' | 'budget'>): Promise<{ readonly id: string }>
  /** Answers what a run waits to have approved; `signal` says which, where several wait. An error of code `not_waiting` when none does. */
  approve(run: string, approval?: Approval): Promise<{ readonly status: 'taken' | 'kept' }>
  /** The files that its steps made. */
  artifacts(run: string): Promise<RunDocument['artifacts']>
  /** What is in the file that a step made. */
  artifact(run: string, step: string, signal?: AbortSignal): Promise<Uint8Array>
  runs(query?: { readonly limit?: number; readonly status?: string }): Promise<readonly RunSummary[]>
  run(id: string): Promise<RunDocument>
  /** A step with its parameters, the messages its model got, and its reply. */
  step(run: string, id: string): Promise<StepDetail>
  /** Its durable events after a number, between them what models write, until `run-end` or the signal. */
  runEvents(id: string, from?: From): AsyncIterable<Happening>
}

/** What is said of what waits to be approved: `approve` when `action` is absent. */
export type Approval = {
  readonly action?: 'approve' | 'reject' | 'modify'
  readonly reason?: string
  /** of modify: what it is to be instead */
  readonly content?: Json
  readonly signal?: string
  readonly id?: string
}

export function runsClient({ get, post, bytes, follow }: Asking): Runs {
  const at = (id: string, ...names: readonly string[]) => pathTo('runs', id, ...names)
  return {
    validate: (which, options = {}) => post('/pipelines/validate', { ...named(which), ...options }),
    plan: (which, options = {}) => post('/pipelines/plan', { ...named(which), ...options }),
    startRun: (request) => post('/runs', once('run', request)),
    fork: (run, request = {}) => post(at(run, 'fork'), once('run', request)),
    replay: (run, request = {}) => post(at(run, 'replay'), once('run', request)),
    approve: (run, approval = {}) => post(at(run, 'approve'), once('sig', approval)),
    artifacts: async (run) => (await get<{ items: RunDocument['artifacts'] }>(at(run, 'artifacts'))).items,
    artifact: (run, step, signal) => bytes(at(run, 'artifacts', step), signal),
    changes: (run) => get(at(run, 'changes')),
    runs: async (query = {}) => (await get<{ items: RunSummary[] }>(`/runs${queryOf(query)}`)).items,
    run: (id) => get(at(id)),
    step: (run, id) => get(at(run, 'steps', id)),
    runEvents: (id, from) => follow(at(id, 'events'), from, 'run-end'),
    resume: async (id) => void (await post(at(id, 'resume'), {})),
    cancel: async (id, reason, options) => void (await post(at(id, 'cancel'), { reason, ...options })),
    signal: (id, name, value, options = {}) => post(at(id, 'signal'), { name, value, ...once('sig', options) }),
    inbox: (async (query = {}) => (await get<{ items: InboxItem[] }>(`/inbox${queryOf(query)}`)).items) as ListInbox,
  }
}

const named = (which: string | WhichPipeline) => (typeof which === 'string' ? { file: which } : which)
