// Holds the servers of one peer, and stops them when nobody needs them any more, whatever became of the process that did.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answer } from '../children.ts'
import * as cluster from '../cluster/serve.ts'
import type { Served } from './peers.ts'
import * as postgres from './postgres.ts'
import * as restate from './restate.ts'
import { stopServers } from './server.ts'

/** Starts servers whose files lie in that folder. `trace`: a file for their writes, if they are counted. */
type Serve = (folder: string, subject: string, trace?: string) => Promise<Served>

const SERVES: { readonly [host: string]: Serve } = {
  restate: restate.serve,
  postgres: postgres.serve,
  cluster: cluster.serve,
}

let folder: string | undefined

answer(
  async ({ host, subject, traced }: { readonly host: string; readonly subject: string; readonly traced?: boolean }) => {
    folder ??= await mkdtemp(join(tmpdir(), `antiphon-bench-${host}-`))
    return SERVES[host]!(folder, subject, traced ? join(folder, 'trace') : undefined)
  },
  async () => {
    await Promise.all([stopServers(), cluster.stop()])
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  },
)
