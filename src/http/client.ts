import { is, TerminalError } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import type {
  Answer,
  ApiKey,
  AskRequest,
  Audit,
  AuditLine,
  Backup,
  Budget,
  Budgets,
  CacheControl,
  Collected,
  ForkRequest,
  InboxItem,
  Inspector,
  Judgement,
  Keys,
  Plan,
  PoolsDocument,
  RunDocument,
  RunRequest,
  RunSummary,
  Runtime,
  RuntimeStatus,
  ValidateOptions,
  Verdict,
  WhichPipeline,
} from '../runtime.ts'
import { ownerGone } from './gone.ts'
import { inspectingClient } from './inspecting.ts'
import { type Each, eachBy } from './lists.ts'
import { type ProblemDocument, thrownFrom } from './problem.ts'
import { type Patience, reconnecting } from './reconnect.ts'
import type { Fetch } from './socket.ts'
import { decodeEvents, type Sent } from './sse.ts'

/** What happened: a durable event has a number, a volatile one has none. */
export type Happening = { readonly n?: number; readonly body: Json }
/** Where to read on, and until when: only durable events after that number, until the signal. */
export type From = { readonly after?: number; readonly signal?: AbortSignal }

/** The runtime as seen through its HTTP app; throws the errors that the runtime threw. */
export interface Client {
  status(): Promise<RuntimeStatus>
  pools(): Promise<PoolsDocument>
  readonly cache: CacheControl
  /** Which model would be taken first, and why not the others, by needs in words. */
  judgeModels(needs: string): Promise<readonly Judgement[]>
  /** Resolves once the other side is there; it stays as long as the signal is not aborted. */
  attend(signal: AbortSignal): Promise<RuntimeStatus>
  validate(which: string | WhichPipeline, options?: ValidateOptions): Promise<Verdict>
  plan(which: string | WhichPipeline, options?: ValidateOptions): Promise<Plan>
  startRun(request: RunRequest): Promise<{ readonly id: string }>
  fork(run: string, request?: ForkRequest): Promise<{ readonly id: string }>
  changes: Runtime['changes']
  runs(query?: { readonly limit?: number; readonly status?: string }): Promise<readonly RunSummary[]>
  readonly each: Each
  run(id: string): Promise<RunDocument>
  runEvents(id: string, from?: From): AsyncIterable<Happening>
  resume(id: string): Promise<void>
  cancel(id: string, reason: string, options?: { readonly undo?: boolean }): Promise<void>
  signal: Runtime['signal']
  inbox: Runtime['inbox']
  ask(request: AskRequest, signal?: AbortSignal): Promise<Answer>
  askEvents(thread: string, id: string, from?: From): AsyncIterable<Happening>
  readonly inspector: Inspector
  /** who may ask over the network, and for what */
  readonly keys: Omit<Keys, 'identify'>
  readonly budgets: Budgets
  /** who changed what over the network */
  audit: Audit['list']
  /** The process that has the folder gives it up; `wait` in ms. */
  handOver(wait: number): Promise<void>
  /** `file` is absolute. */
  backup(file: string, options?: { readonly force?: boolean }, signal?: AbortSignal): Promise<Backup>
  gc(options?: { readonly dryRun?: boolean }, signal?: AbortSignal): Promise<Collected>
}

/** How a client asks: `base` and `headers` for every request, and whether it reads on when the connection of an event stream broke. */
export type Manner = {
  readonly base: string
  readonly headers?: { readonly [name: string]: string }
  readonly reconnect?: Patience
}

/** A client over anything that answers requests. */
export function createClient(fetch: Fetch, manner: Manner = { base: 'http://antiphon' }): Client {
  const via = { fetch, ...manner }
  const get = <T>(path: string) => exchange<T>(via, path)
  const post = <T>(path: string, body: object, signal?: AbortSignal) => exchange<T>(via, path, { body, signal })
  const stream = (path: string, from: From = {}, last?: string) =>
    manner.reconnect
      ? reconnecting((on) => follow(via, path, on), from, last, manner.reconnect)
      : follow(via, path, from)
  return {
    status: () => get('/status'),
    pools: () => get('/pools'),
    cache: { report: () => get('/cache'), drop: (what) => post('/cache/drop', what) },
    judgeModels: async (needs) => (await get<{ items: Judgement[] }>(`/models/choice${queryOf({ needs })}`)).items,
    attend: (signal) => attend(via, signal),
    validate: (which, options = {}) => post('/pipelines/validate', { ...named(which), ...options }),
    plan: (which, options = {}) => post('/pipelines/plan', { ...named(which), ...options }),
    startRun: (request) => post('/runs', request),
    fork: (run, request = {}) => post(`/runs/${encodeURIComponent(run)}/fork`, request),
    changes: (run) => get(`/runs/${encodeURIComponent(run)}/changes`),
    runs: async (query = {}) => (await get<{ items: RunSummary[] }>(`/runs${queryOf(query)}`)).items,
    each: eachBy((list, query) => get(`/${list}${queryOf(query)}`)),
    run: (id) => get(`/runs/${encodeURIComponent(id)}`),
    runEvents: (id, from) => stream(`/runs/${encodeURIComponent(id)}/events`, from, 'run-end'),
    resume: async (id) => void (await post(`/runs/${encodeURIComponent(id)}/resume`, {})),
    cancel: async (id, reason, options) =>
      void (await post(`/runs/${encodeURIComponent(id)}/cancel`, { reason, ...options })),
    signal: (id, name, value, options = {}) =>
      post(`/runs/${encodeURIComponent(id)}/signal`, { name, value, ...options }),
    inbox: async (query = {}) => (await get<{ items: InboxItem[] }>(`/inbox${queryOf(query)}`)).items,
    ask: ({ thread, ...request }, signal) => post(`/threads/${encodeURIComponent(thread)}/asks`, request, signal),
    askEvents: (thread, id, from) =>
      stream(`/threads/${encodeURIComponent(thread)}/asks/${encodeURIComponent(id)}/events`, from, 'ask-end'),
    inspector: inspectingClient({ get, post, follow: stream, query: queryOf }),
    keys: {
      create: (request) => post('/keys', request),
      list: async (query = {}) => (await get<{ items: ApiKey[] }>(`/keys${queryOf(query)}`)).items,
      revoke: (id) => post(`/keys/${encodeURIComponent(id)}/revoke`, {}),
    },
    budgets: budgetsClient({ get, post, query: queryOf }),
    audit: async (query = {}) => (await get<{ items: AuditLine[] }>(`/audit${queryOf(query)}`)).items,
    handOver: async (wait) => void (await post('/handover', { wait })),
    backup: (file, options = {}, signal) => post('/backup', { file, ...options }, signal),
    gc: (options = {}, signal) => post('/gc', options, signal),
  }
}

type Ways = {
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: object): Promise<T>
  query(fields: { readonly [name: string]: string | number | undefined }): string
}

function budgetsClient({ get, post, query }: Ways): Budgets {
  const at = (scope: string) => `/budgets/${encodeURIComponent(scope)}`
  return {
    list: async (asked = {}) => (await get<{ items: Budget[] }>(`/budgets${query(asked)}`)).items,
    get: (scope) => get(at(scope)),
    set: (scope, limit, options = {}) => post(`${at(scope)}/set`, { limit, ...options }),
    raise: (scope, limit) => post(`${at(scope)}/raise`, { limit }),
    remove: async (scope) => void (await post(`${at(scope)}/remove`, {})),
  }
}

const named = (which: string | WhichPipeline) => (typeof which === 'string' ? { file: which } : which)

type Via = Manner & { readonly fetch: Fetch }
type Sending = {
  readonly body?: object
  readonly signal?: AbortSignal | undefined
  readonly headers?: { readonly [name: string]: string }
}

async function exchange<T>(via: Via, path: string, sending: Sending = {}): Promise<T> {
  const response = await send(via, path, sending)
  return (await response.json().catch(throwBroken)) as T
}

async function send({ fetch, base, headers }: Via, path: string, sending: Sending): Promise<Response> {
  const { body, signal, headers: more } = sending
  const request = new Request(`${base}/v1${path}`, {
    headers: { ...headers, ...more, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
    ...(signal && { signal }),
  })
  const response = await fetch(request)
  if (!response.ok) throw thrownFrom((await response.json().catch(throwBroken)) as ProblemDocument)
  return response
}

function throwBroken(cause: unknown): never {
  throw is(cause) ? cause : ownerGone(cause)
}

async function* follow(via: Via, path: string, { after, signal }: From): AsyncGenerator<Happening> {
  const headers = after === undefined ? {} : { 'last-event-id': String(after) }
  const { body } = await send(via, path, { signal, headers })
  if (!body) throw new TerminalError('there is no event stream here')
  const events = decodeEvents(body, signal)
  try {
    for (;;) {
      const next = await events.next().catch((error: unknown) => (signal?.aborted ? ended : throwBroken(error)))
      if (next.done) return
      yield happeningOf(next.value)
    }
  } finally {
    await events.return(undefined)
  }
}

const ended = { done: true, value: undefined } as const

function happeningOf({ id, event, data }: Sent): Happening {
  if (event === 'problem') throw thrownFrom(data as ProblemDocument)
  return { ...(id !== undefined && { n: id }), body: data }
}

async function attend(via: Via, signal: AbortSignal): Promise<RuntimeStatus> {
  const presence = follow(via, '/presence', { signal })
  const first = await presence.next()
  if (first.done) throw ownerGone()
  return first.value.body as unknown as RuntimeStatus
}

function queryOf(fields: { readonly [name: string]: string | number | undefined }): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? '' : `?${query}`
}
