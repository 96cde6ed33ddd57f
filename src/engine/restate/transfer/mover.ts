import { setTimeout as sleep } from 'node:timers/promises'
import { BusyError, TerminalError } from '../../../errors.ts'
import type { Schema } from '../../../kernel/schema.ts'
import type { Actor } from '../../../kernel/types.ts'
import { NOOP_OBSERVER } from '../../../observe/observer.ts'
import { createBus } from '../../bus.ts'
import type { EngineContents } from '../../transfer.ts'
import { sqlText } from '../admin/mail.ts'
import { register, releaseOf } from '../admin/register.ts'
import { reachNode } from '../admin/releases.ts'
import { kindOf } from '../admin/service-names.ts'
import type { RestateClient } from '../client/client.ts'
import type { IdentityKeys } from '../identity-keys.ts'
import { type ServiceNames, serviceNames } from '../names.ts'
import { type Endpoint, openEndpoint } from '../node/endpoint.ts'
import type { RestateNode } from '../node/node.ts'
import { loadSdk } from '../sdk.ts'
import { exportRestate } from './export.ts'
import { forEachConcurrently } from './parallel.ts'

/** A node without turns: it serves reads, and imports the data of another engine. */
export interface TransferNode {
  readonly names: ServiceNames
  readonly contents: EngineContents
  /** Accepts no further messages. Until then, an application that is being filled accepts answers. */
  hold(): void
  /** Resolves when the engine's internal work has ended and only mail is left. */
  settled(): Promise<void>
  stop(): Promise<void>
}

type TransferNodeOptions = {
  readonly client: RestateClient
  readonly namespace: string
  readonly kinds: readonly string[]
  readonly host: string
  readonly port: number
  readonly identity?: IdentityKeys | undefined
  /** the address at which the server reaches a new application to be filled; absent: it exists and is only read */
  readonly fillAt?: string
}

/** The node of an application that is moved from this server or to it. */
export async function openTransferNode({
  client,
  namespace,
  kinds,
  fillAt,
  ...where
}: TransferNodeOptions): Promise<TransferNode> {
  const names = serviceNames(namespace)
  let holding = fillAt === undefined
  const node: RestateNode = {
    sdk: await loadSdk(),
    names,
    client,
    actors: new Map(kinds.map((kind) => [kind, idleActor(kind)])),
    eager: false,
    deltas: createBus(),
    changes: createBus(),
    observer: NOOP_OBSERVER,
    ...(fillAt !== undefined && { filling: true }),
    stopping: new AbortController().signal,
  }
  const listening = { ...where, reusePort: false, connectionAge: 300_000 }
  const endpoint: Endpoint = await openEndpoint(node, {
    ...listening,
    holds: (path) => holding && PENDING_TURN_PATH.test(path),
  })
  try {
    if (fillAt !== undefined) await register(client, names, kinds, `${fillAt}/${nameOf(namespace, node)}`)
  } catch (error) {
    await endpoint.stop(0)
    throw error
  }
  return {
    names,
    contents: exportRestate({ client, names, kinds, now: Date.now() }),
    hold: () => (holding = true),
    settled: () => settle(client, servicesIn(names, kinds)),
    stop: () => endpoint.stop(0),
  }
}

// a server remembers registrations: a reused port must not be taken for another application
const nameOf = (namespace: string, { actors }: RestateNode) =>
  `moving-${releaseOf(namespace, [...actors.values()], false)}`

// calls that began here would come back here for as long as the move lasts
const PENDING_TURN_PATH = /\/invoke\/[^/]+\/(take|run)$/

/** The kinds of actors of an application that the server knows. */
export async function kindsOf(client: RestateClient, namespace: string): Promise<readonly string[]> {
  const response = await client.admin('GET', '/services')
  const { services } = (await response.json()) as { readonly services: readonly { readonly name: string }[] }
  return services.flatMap(({ name }) => kindOf(namespace, name) ?? [])
}

/** Ends unfinished invocations of an application that nobody works on again: some may be killed halfway. */
export async function removeDeployments(client: RestateClient, namespace: string): Promise<void> {
  const names = serviceNames(namespace)
  const services = servicesIn(names, await kindsOf(client, namespace))
  const query = `select id from sys_invocation_status where status <> 'completed'
    and target_service_name in (${services.map(sqlText)})`
  await forEachConcurrently(await client.query(query), ({ id }) => client.kill(String(id)))
}

/** Throws a TerminalError when a node of that application still answers at one of its addresses. */
export async function checkNoNode(client: RestateClient, namespace: string): Promise<void> {
  const response = await client.admin('GET', '/deployments')
  const { deployments } = (await response.json()) as { readonly deployments: readonly Deployment[] }
  for (const { uri, services } of deployments) {
    const isIts = services.some(({ name }) => kindOf(namespace, name) !== undefined)
    if (uri && isIts && (await reachNode(uri)).answers) throw works(uri)
  }
}

type Deployment = { readonly uri?: string; readonly services: readonly { readonly name: string }[] }

function works(uri: string): TerminalError {
  return new TerminalError(`A node still works at ${uri}; end it first: nothing is lost by that.`, { code: 'owned' })
}

function idleActor(kind: string): Actor {
  const receive = () => {
    throw new TerminalError(`This node runs no turns of ${kind}.`)
  }
  return { kind, message: ANYTHING, initial: () => null, receive }
}

const ANYTHING: Schema<unknown> = {
  '~standard': { version: 1, vendor: 'antiphon', validate: (value) => ({ value }) },
}

function servicesIn({ ofKind, reply, letters, directory }: ServiceNames, kinds: readonly string[]): readonly string[] {
  return [...kinds.map(ofKind), reply, letters, directory]
}

const MOVE_TIMEOUT_MS = 30_000

async function settle(client: RestateClient, services: readonly string[]): Promise<void> {
  // mail, callers that wait for a later reply, and tombstones, which last for some seconds
  const query = `select target_service_name as service, target_handler_name as handler from sys_invocation_status
    where status <> 'completed' and target_handler_name not in ('take', 'run', 'forget')
      and target_service_name in (${services.map(sqlText)}) limit 1`
  for (const deadline = performance.now() + MOVE_TIMEOUT_MS; ; await sleep(50)) {
    const [open] = await client.query(query)
    if (!open) return
    if (performance.now() > deadline)
      throw new BusyError(`${open.service}/${open.handler} on the Restate server does not end.`)
  }
}
