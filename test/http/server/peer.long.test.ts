import { execFile, spawn } from 'node:child_process'
import {
  chownSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import type { Closed } from '../../../src/http/server/peer/process-lineage.ts'
import { serveSocket } from '../../../src/http/server/serve.ts'
import { challengeIn, PEER, proofFile, SESSION } from '../../../src/http/wire/peer-headers.ts'
import { guardCommand } from '../../../src/sandbox/process/guard.ts'
import { until } from '../../../src/testing/index.ts'
import { executeTool } from '../../../src/tool/builtin/terminal/terminal.ts'
import { call, contextAt } from '../../tool/context.ts'
import { openApp } from '../bench.ts'

const isLinux = process.platform === 'linux'
const marks = (await guardCommand()).some((word) => word.endsWith('prlimit'))
const SOCKET = new URL('../../../src/http/client/transport/unix-socket.ts', import.meta.url).href

/** A socket, and a program that asks there and writes the status that it gets. */
async function openSocket(closed: Closed) {
  const { app, folder } = openApp()
  const served = await serveSocket(app, folder, { closed })
  onTestFinished(() => served.close())
  const program = join(folder, 'ask.mjs')
  writeFileSync(
    program,
    `import { writeFileSync } from 'node:fs'
import { socketFetch } from ${JSON.stringify(SOCKET)}
const { status } = await socketFetch(process.argv[2])(new Request('http://a/v1/status'))
writeFileSync(process.argv[3], String(status))
`,
  )
  const out = join(folder, 'out')
  const status = async () => {
    await until(async () => existsSync(out) && readFileSync(out, 'utf8') !== '')
    return Number(readFileSync(out, 'utf8'))
  }
  const words = [process.execPath, program, served.socket, out] as const
  return { folder, socket: served.socket, words, status }
}

/** What a program gets that speaks HTTP alone. */
function ask(socketPath: string, headers: Record<string, string> = {}) {
  return new Promise<{ readonly status: number; readonly headers: Headers }>((resolve, reject) => {
    request({ socketPath, path: '/v1/status', headers, agent: false }, (answer) => {
      answer.resume()
      const told = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as [string, string])
      resolve({ status: answer.statusCode!, headers: new Headers(told) })
    })
      .on('error', reject)
      .end()
  })
}

it.skipIf(!isLinux)(
  'a process that the owner of the socket started is let in, unless the socket is closed to it',
  async () => {
    for (const [closed, expected] of [
      ['to tools', 200],
      ['to all below', 401],
    ] as const) {
      const { words, status, folder } = await openSocket(closed)
      const [program, ...args] = words
      await promisify(execFile)(program, args)
      expect(await status()).toBe(expected)
      expect(readdirSync(folder).filter((name) => name.startsWith('peer-'))).toEqual([])
    }
  },
)

it.skipIf(!isLinux).each(['to tools', 'to all below'] as const)(
  'a command of the terminal is not let in (%s)',
  async (closed) => {
    const { words, status, folder } = await openSocket(closed)
    await terminal(words.join(' '), folder)
    expect(await status()).toBe(401)
  },
)

it.skipIf(!marks)(
  'a command of the terminal that leaves its group, session and environment is not let in',
  async () => {
    const { words, status, folder } = await openSocket('to tools')
    // a process that is still in the group when the command ends is ended with it
    await terminal(`env -i setsid -f ${words.join(' ')}; while [ ! -s out ]; do sleep 0.02; done`, folder)
    expect(await status()).toBe(401)
  },
)

const terminal = (command: string, folder: string) => call(executeTool, { command, shell: true }, contextAt(folder))

it.skipIf(!isLinux)('a peer that proves nothing, or what another process did, is not let in', async () => {
  const { socket, folder } = await openSocket('to all below')
  const first = await ask(socket)
  expect(first.status).toBe(401)
  const nonce = challengeIn(first.headers)!
  const proof = join(folder, proofFile(nonce))
  writeFileSync(proof, nonce)
  // as a tool may have the server do
  const opened = openSync(proof, 'r')
  onTestFinished(() => closeSync(opened))
  const none = '0'.repeat(64)
  for (const said of [none, `${none}:${process.pid}`, `${nonce}:${process.pid}`, `${nonce}:1`, 'x', `../${nonce}:1`])
    expect((await ask(socket, { [PEER]: said })).status).toBe(401)
})

it.skipIf(!isLinux)('a session ends with its process', async () => {
  const { socket, folder } = await openSocket('to tools')
  const nonce = challengeIn((await ask(socket)).headers)!
  const path = join(folder, proofFile(nonce))
  writeFileSync(path, nonce)
  const peer = spawn('tail', ['-f', path], { stdio: 'ignore' })
  onTestFinished(() => void peer.kill('SIGKILL'))
  const opened = (fd: string) => {
    try {
      return readlinkSync(`/proc/${peer.pid}/fd/${fd}`) === path
    } catch (error) {
      // a process that starts closes files between the list and the look
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return false
    }
  }
  await until(async () => readdirSync(`/proc/${peer.pid}/fd`).some(opened))
  const session = (await ask(socket, { [PEER]: `${nonce}:${peer.pid}` })).headers.get(SESSION)!
  expect((await ask(socket, { [PEER]: session })).status).toBe(200)
  peer.kill('SIGKILL')
  await until(async () => (await ask(socket, { [PEER]: session })).status === 401)
})

it.skipIf(process.getuid?.() !== 0)(
  'another user who may use the socket proves it by a file of their own',
  async () => {
    const { socket, folder } = await openSocket('to all below')
    const nonce = challengeIn((await ask(socket)).headers)!
    const path = join(folder, proofFile(nonce))
    writeFileSync(path, nonce)
    chownSync(path, 1234, 1234)
    const { status, headers } = await ask(socket, { [PEER]: `${nonce}:1` })
    expect([status, headers.get(SESSION)]).toEqual([204, expect.any(String)])
  },
)
