import { resolve } from 'node:path'
import { InvalidError } from '../errors.ts'
import { hasNoCredentials } from '../model/provider/base-url.ts'
import type { ConfigFile } from './schema.ts'

/** A Restate server, and this process as one of its nodes. */
export type RestateConfig = {
  /** where the server is asked about itself, and is told of nodes; several: servers of one cluster, any of which will do */
  readonly admin: readonly string[]
  /** where messages go in; absent: where the servers say that answer at the start */
  readonly ingress?: readonly string[]
  /** where the server reaches nodes of this release: a balancer before them; absent: this process on this machine's loopback */
  readonly address?: string
  /** where this node listens; any free port that is then kept when absent */
  readonly host?: string
  readonly port?: number
  /** other nodes of this machine may listen on that port, too: the system spreads the connections over them */
  readonly reusePort?: boolean
  /** ms after which a connection from the server is closed, so that it spreads its calls over the nodes that there are; absent: 5 minutes */
  readonly connectionAge?: number
  /** public keys of the server whose calls this node answers, or `none`: it answers whoever reaches it; absent: only on the loopback */
  readonly identity?: readonly string[] | 'none'
  /** what this application is called on the server; absent: a name that the data folder keeps, behind an address `antiphon` */
  readonly namespace?: string
  /** true: what a small actor holds comes with its message; the server's worker.invoker.eager-state-size-limit must be small */
  readonly eager?: boolean
  /** what this code is called; absent: a hash of its kinds and their versions */
  readonly release?: string
  /** false: this process takes no turns, it only asks; absent: it is a node */
  readonly takesTurns?: boolean
  /** a folder that all nodes write to, or s3://BUCKET/PREFIX, for what is too large for a message; absent: in the data folder */
  readonly shared?: string
  /** a Redis server by which nodes hear each other's volatile events; absent: each hears its own */
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
    throw new InvalidError('--restate names a server for the engine restate, and --engine says libsql')
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
    throw new InvalidError('the engine restate needs a server', {
      hint: 'Give its admin address: --restate http://127.0.0.1:9070. To start one: antiphon cluster dev',
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
  throw new InvalidError(`${JSON.stringify(url)} is no address of a Restate server`, {
    hint: 'Its admin address looks like http://127.0.0.1:9070',
  })
}

// what a person wrote there by mistake is not repeated
function checkNoCredentials(url: string): void {
  if (hasNoCredentials(url)) return
  throw new InvalidError('the address of the Restate server holds a user or a password', {
    hint: 'A Restate server asks for none: http://127.0.0.1:9070',
  })
}

function checkReach({ admin, address, shared }: RestateConfig, from: ConfigSource): void {
  const far = admin.find((url) => !isLoopback(url))
  if (address === undefined && far !== undefined)
    throw new InvalidError(`the Restate server at ${far} cannot reach a node on the loopback of this machine`, {
      ...placeOf(from),
      hint: 'Say under which `address` it reaches the nodes: engine: { restate: { address: http://… } }',
    })
  if (address !== undefined && !isLoopback(address) && shared === undefined)
    throw new InvalidError('nodes on several machines need storage that all of them share', {
      ...placeOf(from),
      hint: 'Name a folder that all of them write to, or an object store: engine: { restate: { shared: /mnt/antiphon } }',
    })
}

/** A setting of libSQL that would say nothing here. */
function checkSettings({ durability }: ConfigFile, from: ConfigSource): void {
  if (durability !== undefined)
    throw new InvalidError('`durability` is a setting of the engine libsql: the Restate server decides what survives', {
      ...placeOf(from),
      hint: 'Take `durability` out of antiphon.yaml, or run on --engine libsql',
    })
}

function isLoopback(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? ''
  return host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
}
