import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SandboxLimits, SandboxProvider } from '../../src/sandbox/sandbox.ts'
import type { EscapeTarget } from './attempt.ts'

/** The targets of attempts, on this machine, until they are closed. */
export type OpenEscapeTarget = EscapeTarget & {
  /** how many connections and datagrams reached them */
  touched(): number
  close(): Promise<void>
}

/** Opens targets outside of a sandbox, and another sandbox of the same provider. */
export async function openEscapeTarget(provider: SandboxProvider, limits: SandboxLimits): Promise<OpenEscapeTarget> {
  let touched = 0
  const answering = () =>
    createServer((socket) => {
      touched++
      socket.on('error', () => {}).end('secret')
    })
  const folder = await mkdtemp(join(tmpdir(), 'outside-'))
  await mkdir(join(folder, 'home'))
  for (const name of ['file', 'home/key']) await writeFile(join(folder, name), 'secret')
  const [tcp, abstract, inFolder] = [answering(), answering(), answering()]
  await listening(tcp, { port: 0, host: '127.0.0.1' })
  const { port } = tcp.address() as { port: number }
  const udp = createSocket('udp4', () => touched++)
  await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', resolve))
  const socket = `antiphon-escape-${process.pid}-${port}`
  const socketFile = join(folder, 'socket')
  if (process.platform === 'linux') await listening(abstract, `\0${socket}`)
  await listening(inFolder, socketFile)
  const victim = spawn('sleep', ['600'])
  const another = await provider.open({ limits })
  const other = `other-${port}`
  await another.write(other, 'secret')
  return {
    file: join(folder, 'file'),
    other,
    port,
    socket,
    socketFile,
    pid: victim.pid!,
    touched: () => touched,
    async close() {
      victim.kill()
      for (const server of [tcp, abstract, inFolder]) server.close()
      udp.close()
      await another.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const listening = (server: Server, where: { port: number; host: string } | string) =>
  new Promise<void>((resolve, reject) => server.once('error', reject).listen(where as never, resolve))
