import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { arch, platform } from 'node:os'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { AntiphonError, InvalidError } from '../../errors.ts'
import type { Addresses } from './client.ts'

/** A Restate server of our own, on free ports of this machine's loopback; it ends when this process does, however that happens. */
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
  if (given) await untilFree(given)
  const server = spawnGuarded([locateBinary(), '--no-logo', '--base-dir', folder], {
    cwd: folder,
    env: { ...process.env, ...settings(node!, admin!, ingress!) },
  })
  const said = listen(server)
  const at = (port: number | undefined) => `http://127.0.0.1:${port}`
  const addresses = { admin: at(admin), ingress: at(ingress) }
  while (!(await isReady(addresses))) {
    if (hasEnded(server)) throw new AntiphonError(`restate-server ended: ${said()}`, { code: 'restate' })
    await sleep(50)
  }
  return { ...addresses, ports, process: server, stop: () => stop(server) }
}

// in the command's place, with one beside it that hears when this process is no more: of its pipe nothing but the end comes
const GUARDED = '(read -r _ <&3 || kill -TERM $$) >/dev/null 2>&1 & exec "$@" 3<&-'

/** A command that Ctrl-C at this process's terminal does not reach, and that does not outlive this process. */
function spawnGuarded(command: readonly string[], options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }) {
  const stdio = ['ignore', 'pipe', 'pipe', 'pipe'] as const
  const child = spawn('sh', ['-c', GUARDED, 'sh', ...command], { ...options, stdio: [...stdio], detached: true })
  const guard = child.stdio[3] as Writable
  guard.on('error', () => {})
  child.once('exit', () => guard.end('over\n'))
  return child
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null

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

/** The server's executable, from the optional package; InvalidError when there is none for this machine. */
export function locateBinary(): string {
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
  if (hasEnded(server)) return
  const ended = once(server, 'exit')
  server.kill('SIGINT')
  const force = setTimeout(() => server.kill('SIGKILL'), PATIENCE)
  await ended
  clearTimeout(force)
}

/** Resolves when nobody listens on those ports: a server whose process was killed takes a moment to end. */
async function untilFree(ports: readonly number[]): Promise<void> {
  for (const deadline = performance.now() + PATIENCE; ; await sleep(50)) {
    const free = await Promise.all(ports.map(isFree))
    const taken = ports[free.indexOf(false)]
    if (taken === undefined) return
    if (performance.now() > deadline)
      throw new InvalidError(`port ${taken}, where the Restate server was reached, is taken by another process`)
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    await once(server.close(), 'close')
    return true
  } catch {
    return false
  }
}

/** So many ports of this machine that were free a moment ago. */
export async function findPorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
