import type { ChildProcess } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AntiphonError, TimeoutError } from '../../../errors.ts'
import { type Addresses, createClient } from '../client/client.ts'
import { hasEnded, killProcess } from './child-process.ts'
import { findPorts } from './ports.ts'
import { addressesOf, PORTS_PER_SERVER, peerAddressOf, startRestate } from './server.ts'

/** Three Restate servers on this machine, which end with this process. Two hold each write, so one may die. */
export interface RestateCluster {
  readonly servers: readonly ClusterServer[]
  /** pass them to the next cluster to reach it at the same addresses */
  readonly ports: readonly number[]
  stop(): Promise<void>
}

/** One server of a cluster. It keeps its addresses over restarts. */
export interface ClusterServer extends Addresses {
  /** the process that was started last */
  readonly process: ChildProcess
  /** Restarts it with its data; resolves when it accepts requests. */
  start(): Promise<void>
  kill(): Promise<void>
  stop(): Promise<void>
}

/** With fewer servers, none could die without loss. */
const CLUSTER_SIZE = 3
export const CLUSTER_PORTS = CLUSTER_SIZE * PORTS_PER_SERVER

/** Starts a cluster with the data in `folder`, by default on free ports; resolves when it accepts requests. */
export async function startCluster(folder: string, given?: readonly number[]): Promise<RestateCluster> {
  const ports = given ?? (await findPorts(CLUSTER_PORTS))
  const own = portsOfEach(ports)
  const peers = own.map(peerAddressOf)
  const starting = await Promise.allSettled(
    own.map((ports, index) => startServer(join(folder, `${index + 1}`), ports, settings(index, peers))),
  )
  const servers = starting.flatMap((started) => (started.status === 'fulfilled' ? [started.value] : []))
  const stop = async () => void (await Promise.all(servers.map((server) => server.stop())))
  try {
    for (const started of starting) if (started.status === 'rejected') throw started.reason
    await Promise.all(servers.map(untilWhole))
  } catch (error) {
    await stop()
    throw error
  }
  return { servers, ports, stop }
}

export const addressesIn = (ports: readonly number[]): readonly Addresses[] => portsOfEach(ports).map(addressesOf)

const portsOfEach = (ports: readonly number[]) =>
  Array.from({ length: CLUSTER_SIZE }, (_, index) =>
    ports.slice(index * PORTS_PER_SERVER, (index + 1) * PORTS_PER_SERVER),
  )

async function startServer(
  folder: string,
  ports: readonly number[],
  settings: NodeJS.ProcessEnv,
): Promise<ClusterServer> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const start = () => startRestate(folder, ports, settings)
  let server = await start()
  return {
    ...addressesOf(ports),
    get process() {
      return server.process
    },
    async start() {
      if (hasEnded(server.process)) server = await start()
    },
    kill: () => killProcess(server.process),
    stop: () => server.stop(),
  }
}

/** Several partitions, because each has its own connections to the nodes, which distributes the work. */
function settings(index: number, peers: readonly string[]): NodeJS.ProcessEnv {
  return {
    RESTATE_NODE_NAME: `antiphon-${index + 1}`,
    RESTATE_AUTO_PROVISION: String(index === 0),
    RESTATE_METADATA_CLIENT__ADDRESSES: JSON.stringify(peers),
    RESTATE_DEFAULT_REPLICATION: '2',
    RESTATE_DEFAULT_NUM_PARTITIONS: '12',
    // time until a restarted server gets work again
    RESTATE_GOSSIP_SUSPECT_INTERVAL: '1s',
    RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE: '128.0 MiB',
  }
}

const CLUSTER_START_TIMEOUT_MS = 60_000

/** Resolves when a server knows the leader of each partition. */
async function untilWhole(server: ClusterServer): Promise<void> {
  const { query } = createClient(server)
  for (const deadline = performance.now() + CLUSTER_START_TIMEOUT_MS; ; await sleep(50)) {
    try {
      return void (await query('select count(*) as n from sys_invocation_status'))
    } catch (error) {
      if (!(error instanceof AntiphonError) || error.code !== 'restate') throw error
      if (performance.now() > deadline)
        throw new TimeoutError('The Restate servers did not become one cluster.', { cause: error })
    }
  }
}
