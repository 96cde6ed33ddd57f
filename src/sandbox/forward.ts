import { PROXY_PATHS } from './bubblewrap-arguments.ts'

/** The address of the proxy as commands in a sandbox see it. */
export const PROXY_URL = 'http://127.0.0.1:3128'

// runs in the sandbox, where no file of this package is
const FORWARDER = `
import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
const [socket, ...command] = process.argv.slice(1)
const server = createServer((from) => {
  const to = connect(socket)
  from.on('error', () => to.destroy()).on('close', () => to.destroy()).pipe(to)
  to.on('error', () => from.destroy()).on('close', () => from.destroy()).pipe(from)
})
server.listen(3128, '127.0.0.1', () => {
  const child = spawn(command[0], command.slice(1), { stdio: 'inherit' })
  child.on('error', ({ message }) => { console.error(message); process.exit(127) })
  child.on('exit', (code, signal) => signal ? process.kill(process.pid, signal) : process.exit(code))
})`

/** The command, run by a small process that leads from PROXY_URL to the socket of the proxy. */
export const forwarded = (command: readonly string[]): readonly string[] => [
  PROXY_PATHS.node,
  '--input-type=module',
  '--eval',
  FORWARDER,
  PROXY_PATHS.socket,
  ...command,
]
