import { readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { type Child, startChild } from '../children.ts'
import { SUBJECTS } from '../cluster/subjects.ts'
import { isCounted, uncountedOf } from '../count/subjects.ts'
import type { Row } from '../row.ts'

/** What a peer is called, which packages it needs and where they are, and in which process servers have to be started for it. */
type Peer = {
  readonly title: string
  readonly packages: readonly string[]
  readonly host?: string
  readonly modules?: string
}

const OWN = join(import.meta.dirname, 'node_modules')
/** Where antiphon's own packages are. */
const ROOT = join(import.meta.dirname, '../../node_modules')

/** One server and its nodes, with the versions that antiphon itself is used with. */
const CLUSTER: Peer = {
  title: 'Restate',
  packages: ['@restatedev/restate-server', '@restatedev/restate-sdk'],
  host: 'cluster',
  modules: ROOT,
}

/** The agent of LangChain, which works on LangGraph.js. */
const LANGCHAIN: Peer = {
  title: 'LangChain',
  packages: ['langchain', '@langchain/langgraph', '@langchain/langgraph-checkpoint-postgres', 'pg'],
  host: 'postgres',
}

/** The peers, by the subject of their measurements, and what antiphon itself is measured on beside them. */
const PEERS: { readonly [subject: string]: Peer } = {
  restate: { title: 'Restate', packages: ['@restatedev/restate-server', '@restatedev/restate-sdk'], host: 'restate' },
  dbos: { title: 'DBOS', packages: ['@dbos-inc/dbos-sdk', 'pg'], host: 'postgres' },
  langgraph: {
    title: 'LangGraph.js',
    packages: ['@langchain/langgraph', '@langchain/langgraph-checkpoint-postgres', 'pg'],
    host: 'postgres',
  },
  'langgraph-agent': LANGCHAIN,
  'langgraph-sync': LANGCHAIN,
  'dbos-agent': {
    title: 'DBOS agent',
    packages: ['@dbos-inc/vercel-ai', '@dbos-inc/dbos-sdk', 'ai'],
    host: 'postgres',
    modules: join(import.meta.dirname, 'dbos-agent/node_modules'),
  },
  mastra: { title: 'Mastra', packages: ['@mastra/core', '@mastra/libsql'] },
  openworkflow: { title: 'OpenWorkflow', packages: ['openworkflow'] },
  nact: { title: 'nact', packages: ['nact'] },
  effect: { title: 'Effect', packages: ['effect'] },
  xstate: { title: 'XState', packages: ['xstate'] },
  tinypool: { title: 'tinypool', packages: ['tinypool'] },
  'p-queue': { title: 'p-queue', packages: ['p-queue'] },
  piscina: { title: 'piscina', packages: ['piscina'], modules: ROOT },
  ...Object.fromEntries(Object.keys(SUBJECTS).map((subject) => [subject, CLUSTER])),
}

/** A peer that is there, with what was found, or why it is not. */
export type Presence =
  | {
      readonly title: string
      readonly version: string
      readonly address?: string
      /** the file with the writes of its server */
      readonly trace?: string
      readonly absent?: undefined
    }
  | { readonly title: string; readonly absent: string }

/** The peers that were asked for, by subject, and how to stop their servers. */
export interface Presences {
  readonly bySubject: ReadonlyMap<string, Presence>
  close(): Promise<void>
}

/** Whether a measurement, such as `restate/run-32`, is a peer's. */
export const isPeer = (measurement: string): boolean => uncountedOf(subjectOf(measurement)) in PEERS

/** Looks for the peers these rows need, and starts their servers. Always resolves: what fails makes that peer absent. */
export async function openPeers(rows: readonly Row[], signal: AbortSignal): Promise<Presences> {
  const needed = rows.flatMap(({ ours, against }) => [ours, ...against.map(({ measurement }) => measurement)])
  const hosts = new Map<string, Child>()
  const bySubject = new Map<string, Presence>()
  const stop = () => void [...hosts.values()].map((host) => host.end())
  signal.addEventListener('abort', stop)
  for (const subject of new Set(needed.map(subjectOf))) {
    const peer = PEERS[uncountedOf(subject)]
    if (peer && !signal.aborted) bySubject.set(subject, await open(subject, peer, hosts))
  }
  return {
    bySubject,
    async close() {
      signal.removeEventListener('abort', stop)
      await Promise.all([...hosts.values()].map((host) => host.end()))
    },
  }
}

/** ms that servers may take to start */
const LONGEST_START = 30_000

async function open(subject: string, peer: Peer, hosts: Map<string, Child>): Promise<Presence> {
  const { title, packages, host: name, modules = OWN } = peer
  try {
    const versions = (await Promise.all(packages.map((each) => versionOf(each, modules)))).join(', ')
    if (name === undefined) return { title, version: versions }
    const counted = isCounted(subject)
    const key = counted ? `${name}, counted` : name
    const host = hosts.get(key) ?? startChild(join(import.meta.dirname, 'host.ts'))
    hosts.set(key, host)
    const served = await host.ask<Served>({ host: name, subject, traced: counted }, LONGEST_START)
    return {
      title,
      version: [versions, ...served.versions].join(', '),
      address: served.address,
      ...(served.trace !== undefined && { trace: served.trace }),
    }
  } catch (error) {
    return { title, absent: (error as Error).message }
  }
}

/** Where the servers of a peer listen, which versions they told, and the file with their writes if they are counted. */
export type Served = { readonly address: string; readonly versions: readonly string[]; readonly trace?: string }

async function versionOf(name: string, modules: string): Promise<string> {
  const text = await readFile(join(modules, name, 'package.json'), 'utf8').catch(() => {
    const prefix = modules === ROOT ? '' : ` --prefix ${relative(dirname(ROOT), dirname(modules))}`
    throw new Error(`${name} is not installed (npm ci${prefix})`)
  })
  return `${name} ${(JSON.parse(text) as { readonly version: string }).version}`
}

/** The part of a measurement's name that says who is measured. */
export const subjectOf = (measurement: string): string => measurement.slice(0, measurement.indexOf('/'))
