import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { restateEngine } from '../../../src/engine/restate/engine.ts'
import { type RestateCluster, startCluster } from '../../../src/engine/restate/server/cluster.ts'
import { findPorts } from '../../../src/engine/restate/server/ports.ts'
import { type FileLedger, openFileLedger } from '../../../trials/index.ts'
import { createSeededRandom } from '../../../trials/simulation/plan/random.ts'
import { type Entry, judge, type Verdict } from '../load/judge.ts'
import { type Clients, startClients } from './clients.ts'
import { countRepeats } from './faults.ts'
import { actorsOf, strands } from './load.ts'
import { createNode } from './nodes.ts'
import { runs } from './runs.ts'
import { type Mortals, strike } from './strikes.ts'

/** What is done to a cluster under load. */
export type Chaos = {
  /** at least so many runs end */
  readonly runs: number
  /** at least so many processes are killed… */
  readonly kills: number
  /** …and at least for so many seconds */
  readonly seconds?: number
  readonly seed: number
  /** at most so many clients of each other kind of work */
  readonly beside: number
}

/** What came of it. */
export type Survived = Verdict & {
  readonly kills: number
  /** effects of runs that were done more than once: with each kill and each new start some that are under way may be */
  readonly repeats: { readonly count: number; readonly most: number }
}

/** Two nodes on three servers work for clients while processes of both are killed and started again; judges by what was written down. */
export async function surviveChaos(chaos: Chaos, progress = (_kills: number, _runs: number) => {}): Promise<Survived> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-chaos-'))
  const ledger = openFileLedger(join(folder, 'ledger'))
  const cluster = await startCluster(join(folder, 'servers'))
  const nodes = await createNodes(folder, cluster)
  try {
    await Promise.all(nodes.map((node) => node.start()))
    const engines = enginesFor(cluster, ledger)
    const clients = startClients(engines, ledger, chaos.beside)
    const kills = await strikeAgain({ servers: cluster.servers, nodes }, clients, chaos, progress)
    while (clients.count(runs.name) < chaos.runs) {
      await untilMore(clients, Math.min(50, chaos.runs - clients.count(runs.name)))
      progress(kills, clients.count(runs.name))
    }
    await clients.stop()
    for (const strand of strands) ledger.write({ strand: strand.name, what: 'end', end: await strand.end(engines[0]!) })
    return sumUp(ledger.read() as unknown as Entry[], kills, clients)
  } finally {
    await Promise.all(nodes.map((node) => node.kill()))
    await cluster.stop()
    ledger.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const NODES = 2
/** ms: so soon the system gives a node that came back its share. */
const CONNECTION_AGE = 20_000

async function createNodes(folder: string, { servers }: RestateCluster) {
  const [port] = await findPorts(1)
  const reached = { admin: servers.map(({ admin }) => admin), ingress: servers.map(({ ingress }) => ingress) }
  const settings = { folder, ...reached, port: port!, reusePort: true, connectionAge: CONNECTION_AGE }
  return Array.from({ length: NODES }, () => createNode(settings))
}

/** Of each server one that asks it first, and the others when it cannot be reached. */
function enginesFor({ servers }: RestateCluster, ledger: FileLedger) {
  return servers.map((_, first) => {
    const inOrder = [...servers.slice(first), ...servers.slice(0, first)]
    const reached = { admin: inOrder.map(({ admin }) => admin), ingress: inOrder.map(({ ingress }) => ingress) }
    return restateEngine({ ...reached, actors: actorsOf(ledger) })
  })
}

async function strikeAgain(
  mortals: Mortals,
  clients: Clients,
  chaos: Chaos,
  progress: (kills: number, runs: number) => void,
) {
  const random = createSeededRandom(chaos.seed)
  const deadline = performance.now() + (chaos.seconds ?? 0) * 1000
  let kills = 0
  for (let number = 0; kills < chaos.kills || performance.now() < deadline; number++) {
    // some work gets done between two of them
    await untilMore(clients, 3)
    await sleep(random.below(1_000))
    kills += await strike(mortals, number, random)
    progress(kills, clients.count(runs.name))
  }
  return kills
}

async function untilMore(clients: Clients, more: number): Promise<void> {
  const enough = clients.count(runs.name) + more
  while (clients.count(runs.name) < enough) await sleep(50)
}

function sumUp(entries: readonly Entry[], kills: number, { errors }: Clients): Survived {
  const verdict = judge(entries, strands)
  const repeats = { count: countRepeats(entries), most: 2 * kills * runs.clients }
  return { ...verdict, faults: [...errors, ...verdict.faults], kills, repeats }
}
