import { AntiphonError, TimeoutError } from '../../../errors.ts'
import type { Json } from '../../../kernel/json.ts'
import { connectServers, RECONNECT_TIMEOUT_MS, type RetryStatuses, type Servers } from './failover.ts'

/** The addresses of a Restate server: `ingress` for messages, `admin` for queries. */
export type Addresses = { readonly ingress: string; readonly admin: string }
/** The addresses of one server, or of several that are one cluster and equivalent. */
export type ServerAddresses = { readonly [way in keyof Addresses]: string | readonly string[] }

export type Invocation = {
  readonly service: string
  readonly key: string
  readonly handler: string
  readonly body?: unknown
  /** The server remembers the answer under this id; absent: a repeated call runs twice. */
  readonly id?: string
  readonly signal?: AbortSignal
  /** The answer may take long. */
  readonly waits?: boolean
}

export interface RestateClient {
  /** Resolves with the handler's answer. */
  call(call: Invocation): Promise<HandlerAnswer>
  /** Resolves when the server has accepted the message; `delay` in ms. */
  send(call: Invocation & { readonly delay?: number }): Promise<void>
  /** The result of a workflow; undefined while no workflow has that key. */
  attach(service: string, key: string, signal?: AbortSignal): Promise<Json | undefined>
  /** The output of an invocation or workflow, by its ingress path. Undefined if there is none yet, or only an error. */
  output(path: string): Promise<Json | undefined>
  /** Rows of the server's own tables. */
  query(sql: string): Promise<readonly QueryRow[]>
  /** Requests the end of an invocation, once. Resolves with the HTTP status; throws if it is unknown. */
  cancel(invocation: string): Promise<number>
  /** Kills an invocation at once. Also resolves if it is over. */
  kill(invocation: string): Promise<void>
  admin(method: string, path: string, body?: unknown): Promise<Response>
}
export type HandlerAnswer = { readonly status: number; readonly body: Json }
export type QueryRow = { readonly [column: string]: Json | undefined }

export function createClient(reachable: ServerAddresses): RestateClient {
  const ingress = connectServers(reachable.ingress)
  const admin = connectServers(reachable.admin)
  async function ask(method: string, path: string, body?: unknown, passing?: RetryStatuses): Promise<Response> {
    const headers = { 'content-type': 'application/json', accept: 'application/json' }
    const sent = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
    const response = await admin.fetch(path, sent, { ...(passing && { passing }) })
    if (!response.ok) throw await refusal(response)
    return response
  }
  return {
    async call(call) {
      return answerOf(await post(ingress, pathOf(call), call))
    },
    async send(call) {
      const wait = call.delay ? `?delay=${call.delay}ms` : ''
      await answerOf(await post(ingress, `${pathOf(call)}/send${wait}`, call))
    },
    async attach(service, key, signal) {
      const path = `/restate/workflow/${service}/${encodeURIComponent(key)}/attach`
      const response = await ingress.fetch(path, { signal: signal ?? null }, { waits: true })
      if (response.status === TIMED_OUT)
        throw new TimeoutError(`${key} got no answer within the retention time of answers.`)
      return response.status === 404 ? undefined : (await answerOf(response)).body
    },
    async output(path) {
      const response = await ingress.fetch(`/restate/${path}/output`, {})
      const text = await response.text()
      if (response.ok) return text === '' ? null : (JSON.parse(text) as Json)
      if (response.status < 500) return undefined
      throw new AntiphonError(`Restate answered ${response.status}: ${text}`, { code: 'restate' })
    },
    async query(sql) {
      const response = await ask('POST', '/query', { query: sql }, WHILE_UNSETTLED)
      const { rows } = (await response.json()) as { readonly rows: readonly QueryRow[] }
      return rows
    },
    async cancel(invocation) {
      const response = await admin.fetchOnce(`/invocations/${invocation}/cancel`, { method: 'PATCH' })
      if (response.status >= 500) throw await refusal(response)
      return response.status
    },
    async kill(invocation) {
      const response = await admin.fetch(`/invocations/${invocation}/kill`, { method: 'PATCH' })
      if (response.status >= 500) throw await refusal(response)
    },
    admin: (method, path, body) => ask(method, path, body),
  }
}

const pathOf = ({ service, key, handler }: Invocation) => `/${service}/${encodeURIComponent(key)}/${handler}`

/** An id in the form that the server stores. */
export const encodeId = (id: string) => encodeURIComponent(id)

// until every server knows a service that one of them registered: a server that missed the news polls every ten seconds
const WHILE_DEPLOYING: RetryStatuses = { 503: RECONNECT_TIMEOUT_MS, 404: 12_000 }
// while servers reassign partitions, their tables cannot be read
const WHILE_UNSETTLED: RetryStatuses = { 503: RECONNECT_TIMEOUT_MS, 500: 10_000 }

function post(ingress: Servers, path: string, { body, id, signal, waits = false }: Invocation): Promise<Response> {
  const headers = {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(id !== undefined && { 'idempotency-key': encodeId(id) }),
  }
  const sent = { method: 'POST', headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
  return ingress.fetch(path, { ...sent, signal: signal ?? null }, { passing: WHILE_DEPLOYING, waits })
}

const TIMED_OUT = 408
const CANCELLED = 409

async function answerOf(response: Response): Promise<HandlerAnswer> {
  if (!response.ok && response.status !== CANCELLED) throw await refusal(response)
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : (JSON.parse(text) as Json) }
}

async function refusal(response: Response): Promise<Error> {
  return new AntiphonError(`Restate answered ${response.status}: ${await response.text()}`, { code: 'restate' })
}
