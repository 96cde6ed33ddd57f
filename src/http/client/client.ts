import type { Json } from '../../kernel/schema.ts'
import type { ApiKey, Audit, AuditLine, Keys } from '../../runtime/ports/access.ts'
import type { Budgets } from '../../runtime/ports/budgets.ts'
import type { Inspector } from '../../runtime/ports/inspector.ts'
import type { RuntimeStatus } from '../../runtime/ports/maintenance.ts'
import { budgetsClient } from './budgets.ts'
import type { Patience } from './event-stream.ts'
import { inspectingClient } from './inspector.ts'
import { type LinksClient, linksClient } from './links.ts'
import { type Each, eachBy } from './pages.ts'
import { type Uploads, uploadsClient } from './pipelines.ts'
import { askingBy, follow, pathTo, queryOf, type Via } from './request.ts'
import { type Runs, runsClient } from './runs.ts'
import { type System, systemClient } from './system.ts'
import { type Threads, threadsClient } from './threads.ts'
import { ownerGone } from './transport/gone.ts'
import type { Fetch } from './transport/unix-socket.ts'

/** What happened: a durable event has a number, a volatile one has none. */
export type Happening = { readonly n?: number; readonly body: Json }
/** Where to read on, and until when: only durable events after that number, until the signal. */
export type From = { readonly after?: number; readonly signal?: AbortSignal }

/** The runtime as seen through its HTTP app; throws the errors that the runtime threw. */
export interface Client extends Runs, Uploads, Threads, System {
  /** Resolves once the other side is there; it stays as long as the signal is not aborted. */
  attend(signal: AbortSignal): Promise<RuntimeStatus>
  readonly each: Each
  readonly links: LinksClient
  readonly inspector: Inspector
  /** who may ask over the network, and for what */
  readonly keys: Omit<Keys, 'identify'>
  readonly budgets: Budgets
  /** who changed what over the network */
  audit: Audit['list']
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
  const asking = askingBy(via)
  const { get, post } = asking
  return {
    ...runsClient(asking),
    ...uploadsClient(asking),
    ...threadsClient(asking),
    ...systemClient(asking),
    attend: (signal) => attend(via, signal),
    each: eachBy((list, query) => get(`/${list}${queryOf(query)}`)),
    links: linksClient(asking),
    inspector: inspectingClient(asking),
    keys: {
      create: (request) => post('/keys', request),
      list: async (query = {}) => (await get<{ items: ApiKey[] }>(`/keys${queryOf(query)}`)).items,
      revoke: (id) => post(pathTo('keys', id, 'revoke'), {}),
    },
    budgets: budgetsClient(asking),
    audit: async (query = {}) => (await get<{ items: AuditLine[] }>(`/audit${queryOf(query)}`)).items,
  }
}

async function attend(via: Via, signal: AbortSignal): Promise<RuntimeStatus> {
  const presence = follow(via, '/presence', { signal })
  const first = await presence.next()
  if (first.done) throw ownerGone()
  return first.value.body as unknown as RuntimeStatus
}
