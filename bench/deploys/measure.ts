import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findPorts } from '../../src/engine/restate/server/ports.ts'
import { type RestateServer, startRestate } from '../../src/engine/restate/server/server.ts'
import { type Child, startChild } from '../children.ts'
import { versionsOf } from '../kills/programs.ts'
import type { Served } from '../peers/peers.ts'
import { AGENT_EDITS } from './agent-edits.ts'
import type { Question, RunOf } from './child.ts'
import { ACTS_BEFORE, EDITS, INPUT, SIGNALS } from './edits.ts'
import { type AnyEdit, judge, type Outcome } from './judge.ts'
import type { Code, End } from './program.ts'

/** A product, and the code with which it goes on after the deploy. */
export type Product = {
  readonly name: string
  readonly title: string
  readonly script: string
  readonly packages: readonly string[]
  readonly code: Exclude<Code, 'was'>
  readonly server?: 'postgres' | 'restate'
  /** how it keeps the version of its application; absent: as the product does it by itself */
  readonly version?: string
  /** absent: those of workflows */
  readonly edits?: readonly AnyEdit[]
}

const PEERS = join(import.meta.dirname, '../peers')
const conversations = {
  script: join(import.meta.dirname, 'conversations.ts'),
  packages: [],
  edits: AGENT_EDITS,
}
const antiphon = { script: join(import.meta.dirname, 'antiphon.ts'), packages: [] }
const dbos = { script: join(PEERS, 'deploys-dbos.js'), packages: ['@dbos-inc/dbos-sdk'], server: 'postgres' } as const

export const PRODUCTS: readonly Product[] = [
  { name: 'antiphon', title: 'antiphon, the edit alone', ...antiphon, code: 'now' },
  { name: 'antiphon-mended', title: 'antiphon, with the line that its message names', ...antiphon, code: 'mended' },
  { name: 'conversations', title: 'antiphon, conversations, the edit alone', ...conversations, code: 'now' },
  {
    name: 'conversations-answered',
    title: 'antiphon, conversations, with the one answer that it asks for',
    ...conversations,
    code: 'mended',
  },
  { name: 'dbos', title: 'DBOS, the edit alone', ...dbos, code: 'now' },
  { name: 'dbos-version', title: 'DBOS, the same applicationVersion', ...dbos, code: 'now', version: 'same' },
  { name: 'dbos-patch', title: 'DBOS, the old code behind DBOS.patch', ...dbos, code: 'mended', version: 'patching' },
  {
    name: 'openworkflow',
    title: 'OpenWorkflow, the edit alone',
    script: join(PEERS, 'deploys-openworkflow.js'),
    packages: ['openworkflow'],
    code: 'now',
  },
  {
    name: 'restate',
    title: 'Restate, the edit alone, at the same address',
    script: join(PEERS, 'deploys-restate.js'),
    packages: ['@restatedev/restate-sdk'],
    code: 'now',
    server: 'restate',
  },
]

/** How many runs wait, and the ms without a change after which those that have not ended are stranded. */
export type DeploySize = { readonly runs: number; readonly patience: number }

/** What became of the runs of each edit; or why the product could not be tried. */
export type DeployRow = { readonly product: Product; readonly versions: string } & (
  | { readonly outcomes: readonly { readonly edit: string; readonly counts: Counts }[]; readonly absent?: undefined }
  | { readonly absent: string }
)
export type Counts = { readonly [outcome in Outcome]?: number }

/** Deploys the edits in each product while runs wait. */
export async function measureDeploys(
  folder: string,
  products: readonly Product[],
  { signal, ...size }: DeploySize & { readonly signal?: AbortSignal },
  onRow: (row: DeployRow) => void = () => {},
): Promise<readonly DeployRow[]> {
  const servers = openServers(folder)
  const rows: DeployRow[] = []
  try {
    for (const product of products) {
      if (signal?.aborted) break
      const row = await measureProduct(join(folder, product.name), product, size, servers)
      rows.push(row)
      onRow(row)
    }
  } finally {
    await servers.close()
  }
  return rows
}

async function measureProduct(
  folder: string,
  product: Product,
  size: DeploySize,
  servers: ReturnType<typeof openServers>,
): Promise<DeployRow> {
  let versions = ''
  try {
    versions = await versionsOf(product)
    mkdirSync(folder)
    const address = await servers.addressFor(product)
    return { product, versions, outcomes: await deploy(folder, address, product, size) }
  } catch (error) {
    return { product, versions, absent: (error as Error).message }
  }
}

const LONGEST_MS = 600_000

/** Lets runs wait in a process with the old code, and go on in one with the new code. */
async function deploy(folder: string, address: string, product: Product, { runs, patience }: DeploySize) {
  const { script, code, version, edits = EDITS } = product
  const all = Array.from({ length: runs }, (_, at): RunOf => {
    const { id } = edits[at % edits.length]!
    return [id, `${id}-${at}`]
  })
  const process = async (as: Code, work: (ask: <T>(question: Question) => Promise<T>) => Promise<void>) => {
    const child = startChild(join(import.meta.dirname, 'child.ts'))
    const ask = <T>(question: Question) => child.ask<T>(question, LONGEST_MS)
    const opened = { folder, address, code: as, ...(version !== undefined && { version }) }
    try {
      await ask({ open: script, as: opened })
      await ask(as === 'was' ? { begin: all, input: INPUT } : { find: all, input: INPUT })
      await work(ask)
    } finally {
      await child.end()
    }
  }
  await process('was', async () => {
    await untilQuiet(folder, runs * ACTS_BEFORE)
  })
  const ends = new Map<string, End>()
  await process(code, async (ask) => {
    for (let changed = performance.now(), seen = ''; performance.now() - changed < patience; await sleep(200)) {
      const open = all.filter(([, id]) => !ends.has(id))
      if (open.length === 0) return
      await ask({ signal: open, names: SIGNALS })
      for (const [id, end] of await ask<readonly (readonly [string, End])[]>({ look: open })) ends.set(id, end)
      const now = `${ends.size} ${actsIn(folder).length}`
      if (now !== seen) changed = performance.now()
      seen = now
    }
  })
  return outcomesOf(edits, all, actsIn(folder), ends)
}

const actsIn = (folder: string) => {
  const path = join(folder, 'acts')
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
}

/** A run that made its last act has yet to record it, and to begin its wait. */
const QUIET_MS = 1_000

async function untilQuiet(folder: string, acts: number): Promise<void> {
  const end = performance.now() + LONGEST_MS
  while (actsIn(folder).length < acts) {
    if (performance.now() > end) throw new Error(`${actsIn(folder).length} of ${acts} acts were made`)
    await sleep(50)
  }
  await sleep(QUIET_MS)
}

function outcomesOf(
  edits: readonly AnyEdit[],
  all: readonly RunOf[],
  acts: readonly string[],
  ends: ReadonlyMap<string, End>,
) {
  const made = Map.groupBy(acts, (line) => line.split(' ')[0]!)
  return edits.map((edit) => {
    const own = all.filter(([of]) => of === edit.id).map(([, id]) => id)
    const outcomes = own.map((id) =>
      judge(
        edit,
        made.get(id)!.map((line) => line.split(' ')[1]!),
        ends.get(id),
      ),
    )
    const counted = Map.groupBy(outcomes, (outcome) => outcome)
    return {
      edit: edit.name,
      counts: Object.fromEntries([...counted].map(([of, { length }]) => [of, length])) as Counts,
    }
  })
}

/** The servers of products, which start when one needs them. */
function openServers(folder: string) {
  let postgres: Child | undefined
  let restate: RestateServer | undefined
  return {
    async addressFor({ name, server }: Product): Promise<string> {
      if (server === undefined) return ''
      if (server === 'postgres') {
        postgres ??= startChild(join(PEERS, 'host.ts'))
        const { address } = await postgres.ask<Served>({ host: 'postgres', subject: name }, 60_000)
        // each has a database of its own
        return address.replace(/postgres$/, name.replaceAll('-', '_'))
      }
      restate ??= await startRestate(join(folder, 'restate-server'))
      const [port] = await findPorts(1)
      return JSON.stringify({ admin: restate.admin, ingress: restate.ingress, port })
    },
    async close() {
      await postgres?.end()
      await restate?.stop()
    },
  }
}
