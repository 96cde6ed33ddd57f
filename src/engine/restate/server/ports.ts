import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { InvalidError } from '../../../errors.ts'

/** Below the ephemeral ports of the system, so that no outgoing connection takes a reserved port by chance. */
const PORT_RANGE = { from: 10_000, below: 32_768 }

/** This many ports of this machine that were free a moment ago. */
export async function findPorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>()
  while (found.size < count) {
    const port = randomInt(PORT_RANGE.from, PORT_RANGE.below)
    if (await isFree(port)) found.add(port)
  }
  return [...found]
}

const FREE_PORT_TIMEOUT_MS = 5_000

/** Resolves when no process listens on these ports: a killed server takes a moment to end. */
export async function waitUntilFree(ports: readonly number[]): Promise<void> {
  for (const deadline = performance.now() + FREE_PORT_TIMEOUT_MS; ; await sleep(50)) {
    const free = await Promise.all(ports.map(isFree))
    const taken = ports[free.indexOf(false)]
    if (taken === undefined) return
    if (performance.now() > deadline)
      throw new InvalidError(`Port ${taken} of the Restate server is in use by another process.`)
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    await once(server.close(), 'close')
    return true
  } catch {
    return false
  }
}
