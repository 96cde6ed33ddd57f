import { OPERATIONS, type OperationName } from '../../contract/operations.ts'
import type { Budgets } from '../../runtime/ports/budgets.ts'
import type { RuntimeStatus } from '../../runtime/ports/maintenance.ts'
import type { WhichPipeline } from '../../runtime/ports/pipelines.ts'
import { type CallOperation, callsOf } from './calls.ts'
import type { Happening } from './event-stream.ts'
import { type Each, eachBy } from './pages.ts'
import type {
  AccessClient,
  CatalogueClient,
  EnvironmentsClient,
  GoalsClient,
  InboxClient,
  InspectorClient,
  MaintenanceClient,
  PipelinesClient,
  PlaybooksClient,
  RunsClient,
  System,
  ThreadsClient,
  ToolsClient,
} from './ports.ts'
import { askingBy, follow, type Manner, queryOf, type Via } from './request.ts'
import { ownerGone } from './transport/errors.ts'
import type { Fetch } from './transport/unix-socket.ts'

/** A runtime behind HTTP, with the ports of `Runtime`. It throws the errors of the runtime. */
export interface Client extends System {
  /** Resolves as soon as the server is reachable, and keeps the connection until the signal is aborted. */
  attend(signal: AbortSignal): Promise<RuntimeStatus>
  readonly each: Each
  readonly pipelines: PipelinesClient
  readonly runs: RunsClient
  readonly tools: ToolsClient
  readonly goals: GoalsClient
  readonly playbooks: PlaybooksClient
  readonly environments: EnvironmentsClient
  readonly threads: ThreadsClient
  readonly inbox: InboxClient
  readonly budgets: Budgets
  readonly access: AccessClient
  readonly inspector: InspectorClient
  readonly maintenance: MaintenanceClient
  readonly catalogue: CatalogueClient
}

/** A client over a transport, with a method for each operation of the table. */
export function createClient(fetch: Fetch, manner: Manner = { base: 'http://antiphon' }): Client {
  const via = { fetch, ...manner }
  const asking = askingBy(via)
  const call = callsOf(asking)
  const names = Object.keys(OPERATIONS) as readonly OperationName[]
  const plain = names.filter(isPlain).map((name) => [name, (...given: readonly unknown[]) => call(name, ...given)])
  const methods = {
    ...Object.fromEntries(plain),
    ...specialOf(call),
    attend: (signal) => attend(via, signal),
  } satisfies Methods
  const each = eachBy((path, query) => asking.json('get', `${path}${queryOf(query)}`))
  return { ...portsOf(methods), each }
}

/** The type of the client's method with this name. */
type MethodAt<Port, Name> = Name extends `${infer Head}.${infer Rest}`
  ? Head extends keyof Port
    ? MethodAt<Port[Head], Rest>
    : never
  : Name extends keyof Port
    ? Port[Name]
    : never
type Methods = { readonly [Name in OperationName]?: MethodAt<Client, Name> }

/** `tools` is made in two halves; some operations are only for browsers. */
const isPlain = (name: OperationName) => 'takes' in OPERATIONS[name] && name !== 'catalogue.tool'

/** Methods whose arguments differ from those of their operation. */
function specialOf(call: CallOperation): Methods {
  return {
    'pipelines.validate': (which, options) => call('pipelines.validate', named(which), options),
    'pipelines.plan': (which, options) => call('pipelines.plan', named(which), options),
    'pipelines.put': (name, { text, files }, options) =>
      call('pipelines.put', name, { text, ...(files && { files }) }, options),
    'threads.startAsk': ({ id, ...request }) => call('threads.startAsk', request, id),
    'catalogue.tools': (name) => (name === undefined ? call('catalogue.tools') : call('catalogue.tool', name)),
    async *'inspector.tail'(ref, from) {
      for await (const { n = 0, body } of call<AsyncIterable<Happening>>('inspector.tail', ref, from)) yield { n, body }
    },
    // the secret end of the link's URL
    'access.links.use': (url, value) => call('access.links.use', url.slice(url.lastIndexOf('/') + 1), value),
  }
}

const named = (which: string | WhichPipeline) => (typeof which === 'string' ? { file: which } : which)

/** Methods by their names, with one port for each first part of a name. */
function portsOf(methods: { readonly [name: string]: unknown }): Omit<Client, 'each'> {
  const client: Ports = {}
  for (const [name, method] of Object.entries(methods)) {
    const ports = name.split('.')
    const last = ports.pop()!
    const port = ports.reduce((at, part) => (at[part] ??= {}) as Ports, client)
    port[last] = method
  }
  return client as Omit<Client, 'each'>
}

type Ports = { [name: string]: unknown }

async function attend(via: Via, signal: AbortSignal): Promise<RuntimeStatus> {
  const presence = follow(via, OPERATIONS.attend.path, { signal })
  const first = await presence.next()
  if (first.done) throw ownerGone()
  return first.value.body as RuntimeStatus
}
