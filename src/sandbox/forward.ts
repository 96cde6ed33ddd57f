import { constants, copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { barredFor } from './barred.ts'
import { PROXY_PATHS, type ProxyView } from './bubblewrap/arguments.ts'
import { giveAway, runsAsRoot } from './scratch/owner.ts'
import type { Scratch } from './scratch.ts'

/** The address of the proxy as commands in a sandbox see it. */
export const SANDBOX_PROXY_URL = 'http://127.0.0.1:3128'

/** Starts the proxy of a sandbox on a socket that its commands do not see, and finds a Node.js they may run. */
export async function openProxy(scratch: Scratch, listen: (socket: string) => Promise<void>): Promise<ProxyView> {
  const socket = join(scratch.folder, '.proxy')
  await listen(socket)
  await giveAway(socket)
  return { socket, node: await readableNode(scratch) }
}

/** Node.js in the home of root is out of reach for nobody. */
async function readableNode(scratch: Scratch): Promise<string> {
  if (!runsAsRoot() || (await barredFor(process.execPath, 0o5)) === undefined) return process.execPath
  const copy = join(scratch.folder, '.node')
  await copyFile(process.execPath, copy, constants.COPYFILE_FICLONE)
  await giveAway(copy)
  return copy
}

// runs in the sandbox, where no file of this package is
const FORWARDER = `
import { spawn } from 'node:child_process'
import { writeSync } from 'node:fs'
import { connect, createServer } from 'node:net'
const [socket, ...command] = process.argv.slice(1)
const server = createServer((from) => {
  const to = connect(socket)
  from.on('error', () => to.destroy()).on('close', () => to.destroy()).pipe(to)
  to.on('error', () => from.destroy()).on('close', () => from.destroy()).pipe(from)
})
server.listen(3128, '127.0.0.1', () => {
  const child = spawn(command[0], command.slice(1), { stdio: [3, 4, 5] })
  child.on('error', ({ message }) => { writeSync(5, message); process.exit(127) })
  child.on('exit', (code, signal) => signal ? process.kill(process.pid, signal) : process.exit(code))
})`

/** Node.js makes its own streams non-blocking, and others that share them then lose what they write. */
const HANDING_ON = ['/bin/sh', '-c', 'exec 3<&0 4>&1 5>&2 </dev/null >/dev/null 2>&1; exec "$@"', 'sh']

/** The command, run by a small process that leads from SANDBOX_PROXY_URL to the socket of the proxy. */
export const forwarded = (command: readonly string[]): readonly string[] => [
  ...HANDING_ON,
  PROXY_PATHS.node,
  '--input-type=module',
  '--eval',
  FORWARDER,
  PROXY_PATHS.socket,
  ...command,
]
