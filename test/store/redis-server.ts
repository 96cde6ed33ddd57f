import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { describe, onTestFinished } from 'vitest'
import { findPorts } from '../../src/engine/restate/server/ports.ts'
import { until } from '../../src/testing/until.ts'

/** A Redis server on this machine's loopback that keeps nothing; may be stopped and started again where it was. */
export interface RedisServer {
  readonly url: string
  stop(): Promise<void>
  start(): Promise<void>
  /** From now on it neither reads nor answers, and its connections stay. */
  freeze(): void
  /** Ends that. */
  thaw(): void
}

const PROGRAM = 'redis-server'

/** A server for one test. */
export async function startRedis(...settings: readonly string[]): Promise<RedisServer> {
  const [port] = await findPorts(1)
  const always = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  let stop = async () => {}
  let signal = (_: 'SIGSTOP' | 'SIGCONT') => {}
  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    stop: () => stop(),
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async start() {
      const child = spawn(PROGRAM, [...always, ...settings], { stdio: 'ignore' })
      const ended = once(child, 'exit')
      stop = async () => {
        child.kill('SIGKILL')
        await ended
      }
      signal = (name) => void child.kill(name)
      await until(() => answersAt(port!))
    },
  }
  onTestFinished(() => server.stop())
  await server.start()
  return server
}

async function answersAt(port: number): Promise<boolean> {
  const socket = createConnection({ host: '127.0.0.1', port })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Tests that need a Redis server; where its program is not there they are skipped, and their name says why. */
export function describeOnRedis(name: string, tests: () => void): void {
  const { error } = spawnSync(PROGRAM, ['--version'], { stdio: 'ignore' })
  if (!error) describe(name, tests)
  else describe.skip(`${name} (skipped: ${PROGRAM} does not run here: ${error.message})`, tests)
}
