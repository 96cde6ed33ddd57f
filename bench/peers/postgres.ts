import { execFile } from 'node:child_process'
import { access, chown, readdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { findPorts } from '../../src/engine/restate/server/ports.ts'
import { traceInto } from '../count/trace.ts'
import type { Served } from './peers.ts'
import { startServer } from './server.ts'

const run = promisify(execFile)
const PACKAGED = '/usr/lib/postgresql'

let served: Promise<Served> | undefined

/**
 * A PostgreSQL of our own with its defaults, which sync each commit to disk, but for more connections: each peer has some in each process that
 * measures it. The address is a connection string. All peers share it. `trace`: a file for its writes.
 */
export function serve(folder: string, _subject: string, trace?: string): Promise<Served> {
  served ??= start(folder, trace)
  return served
}

async function start(folder: string, trace: string | undefined): Promise<Served> {
  const programs = await locatePrograms()
  const as = await owner()
  if (as) await chown(folder, as.uid, as.gid)
  const data = join(folder, 'data')
  await run(join(programs, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust'], { ...as, cwd: folder })
  const [port] = await findPorts(1)
  const sure = ['fsync=on', 'synchronous_commit=on']
  // a server that ran for a while uses its segments again; a new one fills each with zeros, which would count
  const counted = trace === undefined ? [] : ['wal_init_zero=off']
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=500',
    ...sure,
    ...counted,
  ]
  const given = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  const program = join(programs, 'postgres')
  const [command, ...all] = [...(trace === undefined ? [] : traceInto(trace)), program, ...given]
  await startServer(command!, all, { ...as, cwd: folder }, (said) =>
    said.includes('database system is ready to accept connections'),
  )
  const { stdout } = await run(program, ['--version'])
  const address = `postgresql://postgres@127.0.0.1:${port}/postgres`
  return { address, versions: [stdout.trim()], ...(trace !== undefined && { trace }) }
}

/** The folder with `initdb` and `postgres`; Debian keeps them out of the path. */
async function locatePrograms(): Promise<string> {
  const packaged = (await readdir(PACKAGED).catch(() => [])).map((version) => join(PACKAGED, version, 'bin')).reverse()
  for (const folder of [...packaged, ...(process.env.PATH ?? '').split(delimiter)]) {
    const found = await Promise.all([access(join(folder, 'initdb')), access(join(folder, 'postgres'))]).catch(
      () => null,
    )
    if (found) return folder
  }
  throw new Error('there is no PostgreSQL server here (apt-get install postgresql)')
}

/** PostgreSQL refuses to run as root. */
async function owner(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const idOf = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout)
  return { uid: await idOf('-u'), gid: await idOf('-g') }
}
