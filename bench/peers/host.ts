// Holds the servers of one peer, and stops them when nobody needs them any more, whatever became of the process that did.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answer } from '../children.ts'
import type { Served } from './peers.ts'
import * as postgres from './postgres.ts'
import * as restate from './restate.ts'
import { stopServers } from './server.ts'

/** Starts servers whose files lie in that folder. */
type Serve = (folder: string) => Promise<Served>

const SERVES: { readonly [subject: string]: Serve } = { restate: restate.serve, dbos: postgres.serve }

let folder: string | undefined

answer(
  async ({ subject }: { readonly subject: string }) => {
    folder = await mkdtemp(join(tmpdir(), `antiphon-bench-${subject}-`))
    return SERVES[subject]!(folder)
  },
  async () => {
    await stopServers()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  },
)
