import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { locateBinary, type RestateServer, startRestate } from '../../../src/engine/restate/server/server.ts'

// what is killed in tests is a process, and what it wrote outlives it: an answer that waits for the disk comes a quarter later
const UNSYNCED = {
  RESTATE_BIFROST__LOCAL__ROCKSDB_DISABLE_WAL_FSYNC: 'true',
  RESTATE_LOG_SERVER__ROCKSDB_DISABLE_WAL_FSYNC: 'true',
}

/** A server for the tests of a file, over data of its own. */
export function useRestate(settings: () => NodeJS.ProcessEnv = () => ({})): {
  readonly now: () => RestateServer
  kill(): Promise<void>
} {
  let server: RestateServer
  let folder: string
  const start = (ports?: readonly number[]) => startRestate(folder, ports, { ...UNSYNCED, ...settings() })

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'antiphon-restate-'))
    server = await start()
  })

  afterAll(async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  })

  return {
    now: () => server,
    /** Kills it where it stands, and starts the next over what it left. */
    async kill() {
      const ended = new Promise((resolve) => server.process.once('exit', resolve))
      server.process.kill('SIGKILL')
      await ended
      server = await start(server.ports)
    },
  }
}

/** Tests that need a Restate server; where its binary cannot run they are skipped, and their name says why. */
export function describeOnRestate(name: string, tests: () => void): void {
  const reason = whyNot()
  if (reason === undefined) describe(name, tests)
  else describe.skip(`${name} (skipped: ${reason})`, tests)
}

function whyNot(): string | undefined {
  try {
    const { error, status, stderr } = spawnSync(locateBinary(), ['--version'], { encoding: 'utf8' })
    return status === 0 ? undefined : `restate-server does not run here: ${error?.message ?? stderr.trim()}`
  } catch (error) {
    return (error as Error).message
  }
}
