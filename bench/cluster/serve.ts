import { join } from 'node:path'
import { findPorts } from '../../src/engine/restate/server/ports.ts'
import { type RestateServer, startRestate } from '../../src/engine/restate/server/server.ts'
import { startChild } from '../children.ts'
import type { Served } from '../peers/peers.ts'
import { openBalancer } from './balancer.ts'
import type { NodeTask } from './node.ts'
import { namespaceOf, SUBJECTS } from './subjects.ts'

let server: Promise<RestateServer> | undefined

/** The nodes that a measurement needs, on the one server that all of them share; the address is that of its admin API. */
export async function serve(folder: string, subject: string): Promise<Served> {
  server ??= startServer(folder)
  const { admin, ingress } = await server
  const { serves, nodes } = SUBJECTS[subject]!
  const task = { serves, admin, ingress, namespace: namespaceOf(subject), eager: true, shared: join(folder, subject) }
  if (serves !== 'by-hand' || !isByHandServed) await startNodes(folder, task, nodes)
  isByHandServed ||= serves === 'by-hand'
  return { address: admin, versions: [] }
}

let isByHandServed = false

function startServer(folder: string): Promise<RestateServer> {
  // by one connection all would go to one node
  return startRestate(folder, undefined, { RESTATE_WORKER__INVOKER__HTTP2_STREAMS_PER_CONNECTION_LIMIT: '8' })
}

async function startNodes(folder: string, task: Omit<NodeTask, 'port' | 'folder'>, count: number): Promise<void> {
  const ports = await findPorts(count)
  const address = count > 1 ? { address: `http://127.0.0.1:${await openBalancer(ports)}` } : {}
  for (const port of ports) await startNode({ ...task, ...address, port, folder: join(folder, `node-${port}`) })
}

/** ms that a node may take to start, also where other work takes the cores */
const LONGEST_START = 120_000

async function startNode(task: NodeTask): Promise<void> {
  await startChild(join(import.meta.dirname, 'node.ts')).ask(task, LONGEST_START)
}

/** Stops the server; the nodes end with this process. */
export async function stop(): Promise<void> {
  await (await server)?.stop()
}
