import { resolve } from 'node:path'
import { InvalidError } from '../errors.ts'
import { hasNoCredentials } from '../model/provider/base-url.ts'
import type { ConfigFile } from './schema.ts'

/** A Restate server, and this process as one of its nodes. */
export type RestateConfig = {
  /** admin addresses of the server; several servers of one cluster are equivalent */
  readonly admin: readonly string[]
  /** ingress addresses; absent: asked from the servers at start */
  readonly ingress?: readonly string[]
  /** where the server reaches nodes of this release: a balancer before them; absent: this process, on its loopback */
  readonly address?: string
  /** the address where this node listens; absent: a free port, which is then kept */
  readonly host?: string
  readonly port?: number
  /** other nodes of this machine may listen on that port, too: the system spreads the connections over them */
  readonly reusePort?: boolean
  /** ms after which a connection from the server is closed, so that calls spread over all nodes; absent: 5 minutes */
  readonly connectionAge?: number
  /** public keys of the server whose calls this node accepts; `none`: accepts all; absent: listens on loopback only */
  readonly identity?: readonly string[] | 'none'
  /** name of this application on the server; absent: a name recorded in the data folder, or `antiphon` */
  readonly namespace?: string
  /** true: messages carry the state of small actors; the server needs a small worker.invoker.eager-state-size-limit */
  readonly eager?: boolean
  /** name of this code version; absent: a hash of its actor kinds and their versions */
  readonly release?: string
  /** false: this process takes no turns and only sends requests; absent: it is a node */
  readonly takesTurns?: boolean
  /** shared storage for large values: a folder or s3://BUCKET/PREFIX; absent: in the data folder */
  readonly shared?: string
  /** a Redis server through which nodes receive each other's volatile events; absent: each node has only its own */
  readonly redis?: string
}

/** Engine options of the command line; `own` are the servers that this program started. */
export type EngineOverrides = {
  readonly name?: 'libsql' | 'restate'
  readonly restate?: readonly string[]
  readonly own?: RestateConfig
}

/** The Restate server to run on, or undefined for libSQL; InvalidError for a contradiction. */
export function resolveRestate(
  said: EngineOverrides,
  given: ConfigFile,
  from: ConfigSource,
): RestateConfig | undefined {
  if (said.name === 'libsql' && said.restate !== undefined)
    throw new InvalidError('--restate is an option of the engine restate, but --engine says libsql.')
  const isWanted = said.name === 'restate' || said.restate !== undefined || given.engine?.restate !== undefined
  if ((!isWanted && !said.own) || said.name === 'libsql') return undefined
  checkSettings(given, from)
  if (said.own) return said.own
  const restate = complete(
    { ...given.engine?.restate, ...(said.restate !== undefined && { admin: said.restate }) },
    from,
  )
  checkReach(restate, from)
  return restate
}

/** The file of the configuration, if there is one, and the folder its paths start from. */
type ConfigSource = { readonly folder: string; readonly file?: string | undefined }
const placeOf = ({ file }: ConfigSource) => (file === undefined ? {} : { place: { file } })

type PartialRestateConfig = Omit<RestateConfig, 'admin'> & { readonly admin?: readonly string[] }

function complete(
  { admin, shared, connectionAge, ...rest }: PartialRestateConfig,
  { folder }: ConfigSource,
): RestateConfig {
  if (admin === undefined)
    throw new InvalidError('The engine restate requires a server.', {
      hint: 'Pass its admin address: --restate http://127.0.0.1:9070. To start one: antiphon cluster dev',
    })
  return {
    admin: admin.map(checkUrl),
    ...rest,
    ...(shared !== undefined && { shared: shared.includes('://') ? shared : resolve(folder, shared) }),
    ...(connectionAge !== undefined && { connectionAge: connectionAge * 1_000 }),
  }
}

function checkUrl(url: string): string {
  checkNoCredentials(url)
  if (/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return url.replace(/\/+$/, '')
  throw new InvalidError(`Expected the address of a Restate server, got ${JSON.stringify(url)}.`, {
    hint: 'Its admin address looks like http://127.0.0.1:9070.',
  })
}

// the error does not repeat a password from the address
function checkNoCredentials(url: string): void {
  if (hasNoCredentials(url)) return
  throw new InvalidError('The address of the Restate server contains a user or a password.', {
    hint: 'A Restate server needs none: http://127.0.0.1:9070.',
  })
}

function checkReach({ admin, address, shared }: RestateConfig, from: ConfigSource): void {
  const far = admin.find((url) => !isLoopback(url))
  if (address === undefined && far !== undefined)
    throw new InvalidError(`The Restate server at ${far} cannot reach a node on the loopback of this machine.`, {
      ...placeOf(from),
      hint: 'Set the `address` at which it reaches the nodes: engine: { restate: { address: http://… } }.',
    })
  if (address !== undefined && !isLoopback(address) && shared === undefined)
    throw new InvalidError('Nodes on several machines need shared storage.', {
      ...placeOf(from),
      hint: 'Name a folder that all of them write to, or an object store: engine: { restate: { shared: /mnt/antiphon } }.',
    })
}

/** Rejects settings that apply only to libSQL. */
function checkSettings({ durability, replica }: ConfigFile, from: ConfigSource): void {
  const name = durability === undefined ? replica && 'replica' : 'durability'
  if (name !== undefined)
    throw new InvalidError(`\`${name}\` is a setting of the engine libsql: the Restate server decides what survives.`, {
      ...placeOf(from),
      hint: `Remove \`${name}\` from antiphon.yaml, or use --engine libsql.`,
    })
}

function isLoopback(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? ''
  return host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
}
