import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Child, startChild } from '../children.ts'
import type { Row } from '../row.ts'

/** What a peer is called, which packages it needs, and whether servers have to be started for it. */
type Peer = { readonly title: string; readonly packages: readonly string[]; readonly isServed?: true }

/** The peers, by the subject of their measurements. */
const PEERS: { readonly [subject: string]: Peer } = {
  restate: { title: 'Restate', packages: ['@restatedev/restate-server', '@restatedev/restate-sdk'], isServed: true },
  dbos: { title: 'DBOS', packages: ['@dbos-inc/dbos-sdk', 'pg'], isServed: true },
  nact: { title: 'nact', packages: ['nact'] },
  effect: { title: 'Effect', packages: ['effect'] },
  xstate: { title: 'XState', packages: ['xstate'] },
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
  const rivals = rows.flatMap(({ against }) => against.map(({ measurement }) => subjectOf(measurement)))
  const hosts: Child[] = []
  const bySubject = new Map<string, Presence>()
  const stop = () => void hosts.map((host) => host.end())
  signal.addEventListener('abort', stop)
  for (const subject of new Set(rivals)) {
    const peer = PEERS[subject]
    if (peer && !signal.aborted) bySubject.set(subject, await open(subject, peer, hosts))
  }
  return {
    bySubject,
    async close() {
      signal.removeEventListener('abort', stop)
      await Promise.all(hosts.map((host) => host.end()))
    },
  }
}

/** ms that servers may take to start */
const LONGEST_START = 30_000

async function open(subject: string, { title, packages, isServed }: Peer, hosts: Child[]): Promise<Presence> {
  try {
    const versions = (await Promise.all(packages.map(versionOf))).join(', ')
    if (!isServed) return { title, version: versions }
    const host = startChild(join(import.meta.dirname, 'host.ts'))
    hosts.push(host)
    const served = await host.ask<Served>({ subject }, LONGEST_START)
    return { title, version: [versions, ...served.versions].join(', '), address: served.address }
  } catch (error) {
    return { title, absent: (error as Error).message }
  }
}

/** Where the servers of a peer listen, and which versions they told. */
export type Served = { readonly address: string; readonly versions: readonly string[] }

async function versionOf(name: string): Promise<string> {
  const path = join(import.meta.dirname, 'node_modules', name, 'package.json')
  const text = await readFile(path, 'utf8').catch(() => {
    throw new Error(`${name} is not installed (npm ci --prefix bench/peers)`)
  })
  return `${name} ${(JSON.parse(text) as { readonly version: string }).version}`
}

/** The part of a measurement's name that says who is measured. */
export const subjectOf = (measurement: string): string => measurement.slice(0, measurement.indexOf('/'))
