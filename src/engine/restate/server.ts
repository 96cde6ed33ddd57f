import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { arch, platform } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { AntiphonError, InvalidError } from '../../errors.ts'
import type { Addresses } from './client.ts'

/** A Restate server of our own, on free ports of this machine's loopback. */
export interface RestateServer extends Addresses {
  readonly process: ChildProcess
  /** given again, the next server is reached where this one was */
  readonly ports: readonly number[]
  stop(): Promise<void>
}

/** Starts a single server over the data in `folder`, on free ports unless some are given; resolves when it takes requests. */
export async function startRestate(folder: string, given?: readonly number[]): Promise<RestateServer> {
  const ports = given ?? (await findPorts(3))
  const [node, admin, ingress] = ports
  const server = spawn(locateBinary(), ['--no-logo', '--base-dir', folder], {
    cwd: folder,
    env: { ...process.env, ...settings(node!, admin!, ingress!) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = listen(server)
  const at = (port: number | undefined) => `http://127.0.0.1:${port}`
  const addresses = { admin: at(admin), ingress: at(ingress) }
  while (!(await isReady(addresses))) {
    if (server.exitCode !== null) throw new AntiphonError(`restate-server ended: ${said()}`, { code: 'restate' })
    await sleep(50)
  }
  return { ...addresses, ports, process: server, stop: () => stop(server) }
}

/** One partition: on one machine more of them cost more than they bring. */
function settings(node: number, admin: number, ingress: number): NodeJS.ProcessEnv {
  return {
    RESTATE_NODE_NAME: 'antiphon',
    RESTATE_LISTEN_MODE: 'tcp',
    RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_DEFAULT_NUM_PARTITIONS: '1',
    RESTATE_DISABLE_TELEMETRY: 'true',
    RESTATE_LOG_FILTER: 'warn',
    RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE: '256.0 MiB',
  }
}

function locateBinary(): string {
  const { resolve } = createRequire(import.meta.url)
  try {
    return resolve(`@restatedev/restate-server-${platform()}-${arch()}/bin/restate-server`)
  } catch (cause) {
    throw new InvalidError(`there is no restate-server for ${platform()}-${arch()} here`, {
      code: 'peer_missing',
      hint: 'npm install @restatedev/restate-server@1.7.12',
      cause,
    })
  }
}

/** The last that a server said. */
function listen(server: ChildProcess): () => string {
  let said = ''
  for (const stream of [server.stdout, server.stderr])
    stream?.on('data', (text) => (said = `${said}${text}`.slice(-4_000)))
  return () => said.trim().split('\n').at(-1)!
}

async function isReady({ admin, ingress }: Addresses): Promise<boolean> {
  const asked = [`${admin}/health`, `${ingress}/restate/health`].map((url) => fetch(url).catch(() => undefined))
  return (await Promise.all(asked)).every((response) => response?.ok)
}

const PATIENCE = 5_000

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = once(server, 'exit')
  server.kill('SIGINT')
  const force = setTimeout(() => server.kill('SIGKILL'), PATIENCE)
  await ended
  clearTimeout(force)
}

/** So many ports of this machine that were free a moment ago. */
export async function findPorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
