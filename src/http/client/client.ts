/**
 * The client: the operations of a server as methods, made from the table of operations. Programs import it as
 * `antiphon/client`, and the command line works through it. It needs nothing but `fetch`.
 */

import type { ConversationEvent, MessageReply } from '../../agent/room/conversation/documents.ts'
import { OPERATIONS, type OperationName } from '../../contract/operations.ts'
import { InvalidError } from '../../errors.ts'
import type { FollowedEvent } from '../../house/describe.ts'
import type { Operation } from '../../house/operation.ts'
import { unflatten } from '../../lib/json/unflatten.ts'
import { shown } from '../../lib/shown.ts'
import type { RoomClients } from '../../rooms/rooms.ts'
import type { WhichPipeline } from '../../run/room/port.ts'
import type { RuntimeStatus } from '../../runtime/ports/maintenance.ts'
import { byHeader } from '../wire/by-header.ts'
import type { Start } from './event-stream.ts'
import { fileMethods } from './files.ts'
import { type Each, eachBy } from './pages.ts'
import type {
  AgentsClient,
  CatalogueClient,
  ConversationsClient,
  GoalsClient,
  InboxClient,
  InspectorClient,
  MaintenanceClient,
  PipelinesClient,
  RunsClient,
  System,
  ThreadsClient,
  ToolsClient,
  TopicChange,
} from './ports.ts'
import { type Asking, askingBy, follow, once, type Pieces, queryOf, type RequestSettings, type Via } from './request.ts'
import { ownerGone } from './transport/errors.ts'
import type { Fetch } from './transport/unix-socket.ts'

/** A runtime behind HTTP, with the ports of `Runtime`. It throws the errors of the runtime. */
export interface Client extends System, RoomClients {
  /** Resolves as soon as the server is reachable, and keeps the connection until the signal is aborted. */
  attend(signal: AbortSignal): Promise<RuntimeStatus>
  readonly each: Each
  readonly pipelines: PipelinesClient
  readonly runs: RunsClient
  readonly tools: ToolsClient
  readonly agents: AgentsClient
  readonly goals: GoalsClient
  readonly threads: ThreadsClient
  readonly conversations: ConversationsClient
  readonly inbox: InboxClient
  readonly inspector: InspectorClient
  readonly maintenance: MaintenanceClient
  readonly catalogue: CatalogueClient
}

/** A client over a transport, with a method for each operation of the table. */
export function createClient(fetch: Fetch, manner: RequestSettings = { base: 'http://antiphon' }): Client {
  const via = { fetch, ...manner }
  const asking = askingBy(via)
  const call = callsOf(asking)
  const names = Object.keys(OPERATIONS) as readonly OperationName[]
  const plain = names.filter(isPlain).map((name) => [name, (...given: readonly unknown[]) => call(name, ...given)])
  const methods = {
    ...Object.fromEntries(plain),
    ...specialOf(call),
    'conversations.send': sendBy(call),
    attend: (signal) => attend(via, signal),
  } satisfies Methods & { readonly 'conversations.send': ConversationsClient['send'] }
  const { files, ...ports } = unflatten(methods) as Omit<Client, 'each'>
  const each = eachBy((path, query) => asking.json('get', `${path}${queryOf(query)}`))
  return { ...ports, files: { ...files, ...fileMethods(asking, files.get) }, each }
}

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
      for await (const { n = 0, body } of call<AsyncIterable<FollowedEvent>>('inspector.tail', ref, from))
        yield { n, body }
    },
    async *feed(query, from) {
      for await (const { body } of call<AsyncIterable<FollowedEvent>>('feed', query, from)) yield body as TopicChange
    },
    async *'conversations.events'(conversation, from) {
      for await (const { body } of call<AsyncIterable<FollowedEvent>>('conversations.events', conversation, from))
        yield body as ConversationEvent
    },
    // the secret end of the link's URL
    'access.links.use': (url, value, options) =>
      call('access.links.use', url.slice(url.lastIndexOf('/') + 1), value, options),
  }
}

/** ms that one request waits for a reply: `fetch` and proxies end a request that is silent for minutes. */
const MAX_SILENCE_MS = 30_000
const CLOCK_SLACK_MS = 1_000

/** Sends a message and waits for its reply, in requests that name it. It stays when the signal ends the wait. */
function sendBy(call: CallOperation): ConversationsClient['send'] {
  return async (given, { timeout: longest = Number.POSITIVE_INFINITY, signal } = {}) => {
    const message = once('msg', given)
    const { conversation, id } = message
    const since = performance.now()
    try {
      for (;;) {
        const asked = performance.now()
        const left = Math.max(0, Math.ceil(since + longest - asked))
        const waiting = { wait: true, timeout: Math.min(left, MAX_SILENCE_MS) }
        const reply = await call<Promise<MessageReply>>('conversations.post', { ...message, ...waiting }, signal)
        // a server that ends a wait early has its reasons
        const isOver = left <= MAX_SILENCE_MS || performance.now() - asked < MAX_SILENCE_MS - CLOCK_SLACK_MS
        if (reply.status !== 'waiting' || isOver) return reply
      }
    } catch (error) {
      if (!signal?.aborted) throw error
      await call('conversations.post', message)
      return call('conversations.get', conversation, id)
    }
  }
}

const named = (which: string | WhichPipeline) => (typeof which === 'string' ? { file: which } : which)

async function attend(via: Via, signal: AbortSignal): Promise<RuntimeStatus> {
  const presence = follow(via, OPERATIONS.attend.path, { signal })
  const first = await presence.next()
  if (first.done) throw ownerGone()
  return first.value.body as RuntimeStatus
}

/** Calls an operation by its name, with the arguments from the table. */
type CallOperation = <Result>(name: OperationName, ...given: readonly unknown[]) => Result

function callsOf(asking: Asking): CallOperation {
  return (name, ...given) => perform(asking, OPERATIONS[name], given) as never
}

function perform(asking: Asking, operation: Operation, given: readonly unknown[]): unknown {
  const { method, path, takes = [], gives, last, makes, sends } = operation
  const { fields, signal, body, pieces } = readArguments(takes, given)
  const { by, ...others } = fields
  const sent = operation.by ? others : fields
  const named = makes ? once(makes, sent) : sent
  const [address, rest] = fill(path, named)
  const isQuery = method === 'get' || method === 'delete' || sends !== undefined
  const target = isQuery ? `${address}${queryOf(rest as Query)}` : address
  if (gives === 'events') return asking.follow(target, given[takes.length] as Start | undefined, last)
  if (gives === 'ndjson') return asking.pieces(target)
  if (sends) return asking.send(target, pieces!)
  if (gives === 'text') return asking.text(target)
  if (gives === 'bytes') return asking.bytes(target, signal)
  const headers = operation.by && typeof by === 'string' ? byHeader({ as: by }) : undefined
  const answer = asking.json(method, target, bodyOf(operation, body, rest), signal, headers)
  if (gives === 'items') return answer.then((document) => (document as { readonly items: unknown }).items)
  return gives === 'nothing' ? answer.then(() => undefined) : answer
}

function bodyOf({ method, takes }: Operation, body: unknown, rest: Fields): unknown {
  if (method === 'get' || method === 'delete') return undefined
  return takes?.includes('body') ? body : rest
}

type Fields = { readonly [field: string]: unknown }
type Query = { readonly [field: string]: string | number | boolean | undefined }
type Arguments = {
  readonly fields: Fields
  readonly signal?: AbortSignal
  readonly body?: unknown
  readonly pieces?: Pieces
}

function readArguments(takes: readonly string[], given: readonly unknown[]): Arguments {
  const spread: { [field: string]: unknown } = {}
  const named: { [field: string]: unknown } = {}
  const apart: { [name: string]: unknown } = {}
  for (const [place, name] of takes.entries()) {
    if (name.startsWith('...')) Object.assign(spread, given[place])
    else if (given[place] !== undefined) (APART.has(name) ? apart : named)[name] = given[place]
  }
  return { fields: { ...spread, ...named }, ...apart }
}

/** Arguments that are not fields of the request. */
const APART: ReadonlySet<string> = new Set(['signal', 'body', 'pieces'])

/** The path with its parameters filled in, and the remaining fields. */
function fill(path: string, fields: Fields): [address: string, rest: Fields] {
  const rest = { ...fields }
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    delete rest[name]
    const value = fields[name]
    if (typeof value === 'object') throw new InvalidError(`Expected a text as \`${name}\`, got ${shown(value)}.`)
    return encodeURIComponent(String(value))
  })
  return [address, rest]
}
