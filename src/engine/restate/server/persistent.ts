import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidError } from '../../../errors.ts'
import type { Addresses } from '../client/client.ts'
import { addressesIn, CLUSTER_PORTS, type RestateCluster, startCluster } from './cluster.ts'
import { findPorts, waitUntilFree } from './ports.ts'
import { addressesOf, PORTS_PER_SERVER, type RestateServer, startRestate } from './server.ts'

/** A single Restate server for a folder. It keeps its first address, which is its identity. */
interface PersistentServer {
  readonly admin: string
  start(): Promise<RestateServer>
}

/** The server of a folder, which keeps its data and ports; creates the folder. */
export async function openPersistentServer(folder: string): Promise<PersistentServer> {
  const ports = await openFolder(folder, PORTS_PER_SERVER)
  return { admin: addressesOf(ports).admin, start: () => startRestate(folder, ports) }
}

/** A cluster of Restate servers for a folder. It keeps its first addresses. */
interface PersistentCluster {
  readonly servers: readonly Addresses[]
  start(): Promise<RestateCluster>
}

/** The cluster of a folder, which keeps its data and ports; creates the folder. */
export async function openPersistentCluster(folder: string): Promise<PersistentCluster> {
  const ports = await openFolder(folder, CLUSTER_PORTS)
  return { servers: addressesIn(ports), start: () => startCluster(folder, ports) }
}

/** One or several servers on a data folder. */
interface Persistent {
  readonly servers: readonly Addresses[]
  stop(): Promise<void>
}

/** Starts the server or cluster of a folder; a single server if the folder is empty. */
export async function startPersistent(folder: string): Promise<Persistent> {
  const ports = await readPorts(join(folder, 'ports.json'))
  if (ports?.length === CLUSTER_PORTS) return (await openPersistentCluster(folder)).start()
  const server = await (await openPersistentServer(folder)).start()
  return { servers: [server], stop: server.stop }
}

/** Removes a folder after its server has ended. Waits for its ports, as the process may have been killed just now. */
export async function removePersistent(folder: string): Promise<void> {
  await waitUntilFree((await readPorts(join(folder, 'ports.json'))) ?? [])
  await rm(folder, { recursive: true, force: true })
}

async function openFolder(folder: string, count: number): Promise<readonly number[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const ports = await keepPorts(join(folder, 'ports.json'), count)
  if (ports.length !== count) throw otherCount(folder, ports.length)
  return ports
}

// a concurrent second start uses the ports of the first
async function keepPorts(path: string, count: number): Promise<readonly number[]> {
  const found = await readPorts(path)
  if (found) return found
  await writeFirst(path, JSON.stringify(await findPorts(count)))
  return keepPorts(path, count)
}

// atomic, even if the process is killed in between
async function writeFirst(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`
  try {
    await writeFile(draft, text, { flush: true, mode: 0o600 })
    await link(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
}

async function readPorts(path: string): Promise<readonly number[] | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as readonly number[]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}

function otherCount(folder: string, ports: number): InvalidError {
  const servers = ports === PORTS_PER_SERVER ? 'one Restate server' : `${ports / PORTS_PER_SERVER} Restate servers`
  return new InvalidError(`${folder} contains the data of ${servers}, and their number cannot change.`, {
    hint: 'For another number of servers, use another data folder: --data DIR',
  })
}
