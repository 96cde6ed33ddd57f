import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AntiphonError, InvalidError } from '../../../errors.ts'
import { missingPackage } from '../../../lib/package/manifest.ts'
import { pathInPackage } from '../../../lib/package/optional.ts'
import type { Addresses } from '../client/client.ts'
import { endProcess, hasEnded, spawnGuarded } from './child-process.ts'
import { findPorts, waitUntilFree } from './ports.ts'

/** A Restate server that this process starts on free loopback ports. It ends with this process, even after a kill. */
export interface RestateServer extends Addresses {
  readonly process: ChildProcess
  /** pass them to the next server to reach it at the same addresses */
  readonly ports: readonly number[]
  /** The end of its log. */
  said(): string
  stop(): Promise<void>
}

/** The number of ports that a server listens on: for its peers, for queries, and for messages. */
export const PORTS_PER_SERVER = 3

/** Starts a server with the data in `folder`, by default alone and on free ports; resolves when it accepts requests. */
export async function startRestate(
  folder: string,
  given?: readonly number[],
  more: NodeJS.ProcessEnv = {},
): Promise<RestateServer> {
  const ports = given ?? (await findPorts(PORTS_PER_SERVER))
  if (given) await waitUntilFree(given)
  const spill = await emptied(join(folder, 'tmp'))
  const server = spawnGuarded([locateBinary(), '--no-logo', '--base-dir', folder], {
    cwd: folder,
    env: { ...process.env, TMPDIR: spill, ...settings(ports), ...more },
    // on SIGTERM the server frees its ports long before its files, and the next one would find half-written data
    killable: true,
  })
  const lastLine = listen(server)
  const addresses = addressesOf(ports)
  while (!(await isReady(addresses))) {
    if (hasEnded(server)) {
      // the server may have ended before its last output was read
      await untilRead(server)
      throw endedEarly(server, lastLine())
    }
    await sleep(50)
  }
  return { ...addresses, ports, process: server, said: lastLine, stop: () => endProcess(server) }
}

function endedEarly({ exitCode, signalCode }: ChildProcess, line: string): AntiphonError {
  const by = signalCode ?? `code ${exitCode}`
  if (line !== '') return new AntiphonError(`restate-server ended with ${by}: ${line}.`, { code: 'restate' })
  return new AntiphonError(`restate-server ended with ${by} and logged nothing.`, {
    code: 'restate',
    hint: 'A busy machine can cut off its last log lines. Start it again to read why it ends.',
  })
}

/** A killed server leaves files that nothing else removes. */
async function emptied(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  return folder
}

const at = (port: number | undefined) => `127.0.0.1:${port}`

export const addressesOf = ([, admin, ingress]: readonly number[]): Addresses => ({
  admin: `http://${at(admin)}`,
  ingress: `http://${at(ingress)}`,
})

/** The address of a server on those ports for its peers. */
export const peerAddressOf = ([peer]: readonly number[]): string => `http://${at(peer)}`

/** One partition: on one machine more partitions cost more than they gain. */
function settings(ports: readonly number[]): NodeJS.ProcessEnv {
  const [peer, admin, ingress] = ports
  return {
    RESTATE_NODE_NAME: 'antiphon',
    RESTATE_LISTEN_MODE: 'tcp',
    RESTATE_BIND_ADDRESS: at(peer),
    RESTATE_ADVERTISED_ADDRESS: peerAddressOf(ports),
    RESTATE_ADMIN__BIND_ADDRESS: at(admin),
    RESTATE_INGRESS__BIND_ADDRESS: at(ingress),
    RESTATE_DEFAULT_NUM_PARTITIONS: '1',
    RESTATE_DISABLE_TELEMETRY: 'true',
    // octocrab looks for newer versions of the server; its failures do not explain why a server ended
    RESTATE_LOG_FILTER: 'warn,octocrab=off',
    // one plain line per log entry
    RESTATE_LOG_FORMAT: 'compact',
    RESTATE_LOG_DISABLE_ANSI_CODES: 'true',
    RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE: '256.0 MiB',
    // the limit of state that comes with a message: more than a small actor has in total
    RESTATE_WORKER__INVOKER__EAGER_STATE_SIZE_LIMIT: '32.0 KiB',
  }
}

/** ms to wait for the last output of a server that has ended. */
const OUTPUT_READ_TIMEOUT_MS = 1_000

/** The last lines of a server's log. */
function listen(server: ChildProcess): () => string {
  let output = ''
  for (const stream of [server.stdout, server.stderr])
    stream?.on('data', (text) => (output = `${output}${text}`.slice(-4_000)))
  return () => output.trim().split('\n').at(-1)!
}

async function untilRead({ stdout, stderr }: ChildProcess): Promise<void> {
  const unread = [stdout, stderr].filter((stream) => stream !== null).filter(({ readableEnded }) => !readableEnded)
  await Promise.race([Promise.all(unread.map((stream) => once(stream, 'end'))), sleep(OUTPUT_READ_TIMEOUT_MS)])
}

async function isReady({ admin, ingress }: Addresses): Promise<boolean> {
  const asked = [`${admin}/health`, `${ingress}/restate/health`].map((url) => fetch(url).catch(() => undefined))
  return (await Promise.all(asked)).every((response) => response?.ok)
}

/** The Restate server's executable, from the optional package; InvalidError when there is none for this machine. */
export function locateBinary(): string {
  try {
    return pathInPackage(`@restatedev/restate-server-${platform()}-${arch()}/bin/restate-server`)
  } catch (cause) {
    throw new InvalidError(
      `There is no restate-server for ${platform()}-${arch()} here.`,
      missingPackage('@restatedev/restate-server', cause),
    )
  }
}
