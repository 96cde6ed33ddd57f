/**
 * The engine of a cluster: a Restate server keeps the state and the messages of actors, and any node runs their
 * turns. Use it when the work of one folder must survive the loss of a machine. `node/` serves turns, `client/`
 * sends requests, `server/` and `admin/` run and inspect the server, and `transfer/` moves a folder to it and back.
 */

import { BusyError, CancelledError, NotFoundError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { Actor, ActorRef, Envelope } from '../../kernel/types.ts'
import { NOOP_OBSERVER, type Observer } from '../../observe/observer.ts'
import type { Redis } from '../../store/redis.ts'
import { type Bus, createBus } from '../bus.ts'
import type { Engine, TellOptions } from '../engine.ts'
import { createEnvelope } from '../envelope.ts'
import { overtakes } from '../mailbox.ts'
import { register, releaseOf } from './admin/register.ts'
import { createAsk } from './client/ask.ts'
import { createClient, type ServerAddresses } from './client/client.ts'
import { restateDeadLetters } from './dead-letters.ts'
import { checkFormat } from './format.ts'
import type { IdentityKeys } from './identity-keys.ts'
import { objectKey, serviceNames } from './names.ts'
import { type Endpoint, openEndpoint } from './node/endpoint.ts'
import { relayBus } from './relay.ts'
import { loadSdk } from './sdk.ts'
import { checkStorage, type Storage } from './shared-storage.ts'
import { restateView } from './view.ts'

/** Options of an engine on Restate. */
export type RestateOptions = ServerAddresses & {
  readonly actors: readonly Actor[]
  /** the prefix of its services on the server; `antiphon` when absent */
  readonly namespace?: string
  /** the address where this node listens; a free port of the loopback when absent */
  readonly host?: string
  readonly port?: number
  /** several nodes of this machine may share the port: the system distributes connections among them */
  readonly reusePort?: boolean
  /** the address where the server reaches nodes of this release, if it differs from this node: a balancer */
  readonly address?: string
  /** ms after which a connection is closed, so that the server spreads its calls over all nodes; absent: 5 minutes */
  readonly connectionAge?: number
  /** the server whose calls the node accepts; required when the node listens beyond the loopback */
  readonly identity?: IdentityKeys
  /** false: this process runs no turns and only sends requests */
  readonly takesTurns?: boolean
  /**
   * true: the server sends the state of a small actor with its message. Requires the server's `eager-state-size-limit`,
   * or large states would come too
   */
  readonly eager?: boolean
  /** the name of this release; a hash of its kinds and their versions when absent */
  readonly release?: string
  /** storage outside the server that every node must reach; absent: not checked */
  readonly storage?: Storage
  /** carries volatile events to other nodes; absent: they stay on the node that ran the turn */
  readonly relay?: Redis
  /** receives what this node does */
  readonly observer?: Observer
}

interface RestateEngine extends Engine {
  /**
   * Accepts no messages and starts no turn. False if running turns have
   * not ended after `wait` ms: then the engine continues as before.
   */
  rest(wait: number, signal: AbortSignal): Promise<boolean>
}

/** An engine with its state, mail and timers on a Restate server. Once started, this process is one of its nodes. */
export function restateEngine(options: RestateOptions): RestateEngine {
  const { actors: given, namespace = 'antiphon', host = '127.0.0.1', port = 0, connectionAge = 300_000 } = options
  const { reusePort = false, takesTurns = true, eager = false } = options
  const actors = new Map(given.map((actor) => [actor.kind, actor]))
  const names = serviceNames(namespace)
  const client = createClient(options)
  const { relay, storage, identity, observer = NOOP_OBSERVER } = options
  const openBus = (name: string): Bus<Json> =>
    relay ? relayBus(createBus<Json>(), relay, `${namespace}:${name}`) : createBus<Json>()
  const deltas = openBus('deltas')
  const changes = openBus('happened')
  const stopping = new AbortController()
  const waiting = new AbortController()
  let endpoint: Endpoint | undefined
  let stopped: Promise<void> | undefined
  let resting = false

  function checkOpen(kind: string): void {
    if (resting) throw new BusyError('The data folder is being moved to another engine.')
    if (stopped) throw new BusyError('The engine is stopping.')
    if (!actors.has(kind)) throw new NotFoundError(`There is no actor of kind ${kind}.`)
  }

  const checkShared = () => checkBeforeClaim({ client, names, namespace, storage })

  async function open(): Promise<void> {
    const sdk = await loadSdk()
    const node = { sdk, names, client, actors, eager, deltas, changes, observer, stopping: stopping.signal }
    const release = options.release ?? releaseOf(namespace, given, eager)
    const claim = await checkShared()
    endpoint = await openEndpoint(node, { release, host, port, reusePort, connectionAge, identity })
    await register(client, names, actors.keys(), `${options.address ?? endpoint.address}/${release}`)
    await claim()
  }

  async function close(grace: number | undefined): Promise<void> {
    stopping.abort()
    await endpoint?.stop(grace)
    waiting.abort(new CancelledError('The engine has stopped.', { code: 'stopped' }))
  }

  function accept(to: ActorRef, body: Json, given: TellOptions & { replyTo?: ActorRef } = {}): Envelope {
    checkOpen(to.kind)
    return createEnvelope(to, body, Date.now(), given)
  }

  const mailOf = (envelope: Envelope) => ({
    service: names.ofKind(envelope.to.kind),
    key: objectKey(envelope.to),
    handler: 'take',
    body: envelope,
    id: envelope.id,
  })

  async function post(envelope: Envelope, delay = 0): Promise<void> {
    const mail = mailOf(envelope)
    await client.send({ ...mail, ...(delay > 0 && { delay }) })
    // when this resolves, the overtaken work has ended, and no crash brings it back
    if (overtakes(envelope)) await client.call({ ...mail, handler: 'overtake', signal: waiting.signal, waits: true })
  }

  return {
    async tell(to, body, given = {}) {
      const envelope = accept(to, body, given)
      await post(envelope, given.delay)
    },
    ask: createAsk({ client, names, accept, mailOf, waiting: waiting.signal }),
    async cancel(of, correlationId, reason) {
      const envelope: Envelope = { ...accept(of, { reason }, { correlationId }), type: 'cancel' }
      await post(envelope)
    },
    view: restateView({ kinds: [...actors.keys()], client, names, deltas, changes, waiting: waiting.signal }),
    deadLetters: restateDeadLetters({ client, names, checkOpen, post }),
    async start() {
      if (!takesTurns) await checkShared()
      else if (!endpoint) await open()
      return 0
    },
    async rest(wait, signal) {
      resting = true
      const isAtRest = (await endpoint?.rest(wait, signal)) ?? true
      if (!isAtRest) resting = false
      return isAtRest
    },
    async stop({ grace } = {}) {
      stopped ??= close(grace)
      await stopped
    },
  }
}

type Shared = Pick<Parameters<typeof checkStorage>[0], 'client' | 'names' | 'namespace'> & {
  readonly storage: Storage | undefined
}

/** Checks the storage and its format. Resolves with a function that claims them for this application. */
async function checkBeforeClaim({ storage, ...shared }: Shared): Promise<() => Promise<void>> {
  if (!storage) return async () => {}
  const claimStorage = await checkStorage({ ...shared, storage })
  const claimFormat = await checkFormat(shared)
  return async () => {
    // whoever finds claimed storage must also find a format
    await claimFormat()
    await claimStorage()
  }
}
