import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Child, startChild } from '../children.ts'
import { SUBJECTS } from '../cluster/subjects.ts'
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

/** The peers, by the subject of their measurements, and what antiphon itself is measured on beside them. */
const PEERS: { readonly [subject: string]: Peer } = {
  restate: { title: 'Restate', packages: ['@restatedev/restate-server', '@restatedev/restate-sdk'], host: 'restate' },
  dbos: { title: 'DBOS', packages: ['@dbos-inc/dbos-sdk', 'pg'], host: 'postgres' },
  langgraph: {
    title: 'LangGraph.js',
    packages: ['@langchain/langgraph', '@langchain/langgraph-checkpoint-postgres', 'pg'],
    host: 'postgres',
  },
  mastra: { title: 'Mastra', packages: ['@mastra/core', '@mastra/libsql'] },
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
  | { readonly title: string; readonly version: string; readonly address?: string; readonly absent?: undefined }
  | { readonly title: string; readonly absent: string }

/** The peers that were asked for, by subject, and how to stop their servers. */
export interface Presences {
  readonly bySubject: ReadonlyMap<string, Presence>
  close(): Promise<void>
}

/** Whether a measurement, such as `restate/run-32`, is a peer's. */
export const isPeer = (measurement: string): boolean => subjectOf(measurement) in PEERS

/** Looks for the peers these rows need, and starts their servers. Always resolves: what fails makes that peer absent. */
export async function openPeers(rows: readonly Row[], signal: AbortSignal): Promise<Presences> {
  const needed = rows.flatMap(({ ours, against }) => [ours, ...against.map(({ measurement }) => measurement)])
  const hosts = new Map<string, Child>()
  const bySubject = new Map<string, Presence>()
  const stop = () => void [...hosts.values()].map((host) => host.end())
  signal.addEventListener('abort', stop)
  for (const subject of new Set(needed.map(subjectOf))) {
    const peer = PEERS[subject]
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
    const host = hosts.get(name) ?? startChild(join(import.meta.dirname, 'host.ts'))
    hosts.set(name, host)
    const served = await host.ask<Served>({ host: name, subject }, LONGEST_START)
    return { title, version: [versions, ...served.versions].join(', '), address: served.address }
  } catch (error) {
    return { title, absent: (error as Error).message }
  }
}

/** Where the servers of a peer listen, and which versions they told. */
export type Served = { readonly address: string; readonly versions: readonly string[] }

async function versionOf(name: string, modules: string): Promise<string> {
  const text = await readFile(join(modules, name, 'package.json'), 'utf8').catch(() => {
    throw new Error(`${name} is not installed (npm ci${modules === OWN ? ' --prefix bench/peers' : ''})`)
  })
  return `${name} ${(JSON.parse(text) as { readonly version: string }).version}`
}

/** The part of a measurement's name that says who is measured. */
export const subjectOf = (measurement: string): string => measurement.slice(0, measurement.indexOf('/'))
