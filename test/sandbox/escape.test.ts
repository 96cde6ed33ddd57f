import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bubblewrap } from '../../src/sandbox/bubblewrap.ts'
import { none } from '../../src/sandbox/none.ts'
import { DEFAULT_SANDBOX_LIMITS, type SandboxProvider } from '../../src/sandbox/sandbox.ts'
import { BOMBS, ESCAPE_ATTEMPTS, type EscapeTarget } from '../../src/testing/sandbox/escapes.ts'

const gap = await bubblewrap.check()
const limits = {
  ...DEFAULT_SANDBOX_LIMITS,
  memory: 128_000_000,
  seconds: 3,
  processes: 32,
  disk: 20_000_000,
  files: 2000,
}

const opened: (() => void | Promise<void>)[] = []
let target: EscapeTarget
let touched = 0

const listening = (server: Server, where: { port: number; host: string } | string) =>
  new Promise<void>((resolve) => server.listen(where as never, resolve))

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'outside-'))
  await writeFile(join(folder, 'file'), 'secret')
  const answer = (server: Server) =>
    server.on('connection', (socket) => {
      touched++
      socket.on('error', () => {}).end('secret')
    })
  const [tcp, abstract] = [answer(createServer()), answer(createServer())]
  await listening(tcp, { port: 0, host: '127.0.0.1' })
  const { port } = tcp.address() as { port: number }
  const udp = createSocket('udp4', () => touched++)
  await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', resolve))
  const socket = `antiphon-escape-${process.pid}`
  await listening(abstract, `\0${socket}`)
  const victim = spawn('sleep', ['600'])
  opened.push(
    () => rm(folder, { recursive: true }),
    () => void tcp.close(),
    () => void abstract.close(),
    () => void udp.close(),
    () => void victim.kill(),
  )
  target = { file: join(folder, 'file'), port, socket, pid: victim.pid! }
})
afterAll(async () => {
  for (const end of opened) await end()
})

async function attempt(provider: SandboxProvider, command: readonly [string, ...string[]]) {
  const sandbox = await provider.open({ limits })
  try {
    return await sandbox.run(command)
  } finally {
    await sandbox.close()
  }
}

const scratchFolders = async () =>
  (await readdir(tmpdir())).filter((name) => name.startsWith(`antiphon-sandbox-${process.pid}-`))

describe.skipIf(gap !== undefined)(`bubblewrap holds${gap ? ` (skipped: ${gap.reason})` : ''}`, () => {
  test.each(ESCAPE_ATTEMPTS)('code that $name', async ({ command }) => {
    const before = touched
    const { stdout } = await attempt(bubblewrap, command(target))
    expect(stdout.text).not.toContain('ESCAPED')
    expect(touched).toBe(before)
  })

  test.each(BOMBS)('code that $name, and ends it in time', async ({ command }) => {
    const { elapsed } = await attempt(bubblewrap, command)
    expect(elapsed).toBeLessThan((limits.seconds + 1) * 1000)
    expect(await scratchFolders()).toEqual([])
  })
})

describe('without a sandbox', () => {
  test.each(ESCAPE_ATTEMPTS.filter(({ harmless }) => harmless))('code $name', async ({ command }) => {
    expect((await attempt(none, command(target))).stdout.text).toContain('ESCAPED')
  })
})
