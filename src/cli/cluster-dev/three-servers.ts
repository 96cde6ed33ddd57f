import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import type { RestateConfig } from '../../config/engine.ts'
import { hasEnded } from '../../engine/restate/server/child-process.ts'
import type { ClusterServer } from '../../engine/restate/server/cluster.ts'
import { openPersistentCluster } from '../../engine/restate/server/persistent.ts'
import { keepNode, serverIn } from '../../runtime/data-folder/node-record.ts'
import { placesIn } from '../../store/data-folder/layout.ts'
import type { FolderOwner } from '../../store/data-folder/owner.ts'
import { type Cli, loadSetup } from '../cli.ts'
import { type DevCluster, openDevCluster } from './dev.ts'
import { type Restartable, restartWhenEnded, startNodeProcess } from './node-process.ts'

const NODES = [1, 2] as const

/**
 * Three Restate servers over the data folder and two nodes, each in its
 * own process and restarted when it ends; this process is only a client.
 */
export async function startThreeServers(cli: Cli, data: string): Promise<DevCluster> {
  const restate = await readDevCluster(data)
  const setup = await loadSetup(cli, data, { own: { ...restate, takesTurns: false } })

  async function open(owner?: FolderOwner) {
    await mkdir(restate.shared, { recursive: true, mode: 0o700 })
    const cluster = await (await openPersistentCluster(serverIn(data))).start()
    const nodes = NODES.map((number) => startNodeProcess(cli, data, number))
    const stopping = new AbortController()
    const begin = async () => {
      await Promise.all(nodes.map((node) => node.start()))
      const runtime = await setup.open(owner)
      for (const each of [...cluster.servers.map(restartable), ...nodes])
        void restartWhenEnded(each, cli.terminal.say, stopping.signal)
      return runtime
    }
    return openDevCluster(begin, async () => {
      stopping.abort()
      await Promise.all(nodes.map((node) => node.stop()))
      await cluster.stop()
    })
  }

  const title = `Three Restate servers over ${data} and two nodes; a process that dies is started again.`
  return { setup: { ...setup, open }, ended: new Promise(() => {}), title }
}

/** The setup of a node of the cluster in a data folder, read from that folder. */
export async function readDevCluster(data: string): Promise<RestateConfig & { readonly shared: string }> {
  const { servers } = await openPersistentCluster(serverIn(data))
  const { namespace, port } = await keepNode(data, { admin: [] })
  return {
    admin: servers.map(({ admin }) => admin),
    ingress: servers.map(({ ingress }) => ingress),
    address: `http://127.0.0.1:${port}`,
    port,
    reusePort: true,
    // seconds until a restarted node gets work again
    connectionAge: 20_000,
    namespace,
    eager: true,
    shared: placesIn(data).blobs,
  }
}

function restartable(server: ClusterServer, index: number): Restartable {
  return {
    name: `server ${index + 1}`,
    async ended() {
      if (!hasEnded(server.process)) await once(server.process, 'exit')
    },
    start: server.start,
  }
}
