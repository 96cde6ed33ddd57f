import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

const running = new Set<ChildProcess>()

/** A server process; `isReady` is asked with what it said so far until it says yes. Rejects when it ends before. */
export async function startServer(
  command: string,
  given: readonly string[],
  options: SpawnOptions,
  isReady: (said: string) => boolean | Promise<boolean>,
): Promise<void> {
  const server = spawn(command, given, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(server)
  let said = ''
  let failure: Error | undefined
  for (const stream of [server.stdout, server.stderr])
    stream?.on('data', (text) => (said = `${said}${text}`.slice(-4000)))
  server.once('error', (error) => (failure = error))
  server.once('exit', (code) => {
    running.delete(server)
    failure ??= new Error(`${command} ended with code ${code}: ${said.trim().split('\n').at(-1)}`)
  })
  while (!(await isReady(said))) {
    await sleep(50)
    if (failure) throw failure
  }
}

/** Interrupts all that run; what has not ended in five seconds is killed. */
export async function stopServers(): Promise<void> {
  await Promise.all([...running].map(stop))
}

async function stop(server: ChildProcess): Promise<void> {
  const ended = once(server, 'exit')
  server.kill('SIGINT')
  const force = setTimeout(() => server.kill('SIGKILL'), 5000)
  await ended
  clearTimeout(force)
}
