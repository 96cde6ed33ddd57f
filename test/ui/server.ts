import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Client, createClient } from '../../src/http/client/client.ts'
import { socketFetch } from '../../src/http/client/transport/unix-socket.ts'
import { readOwner } from '../../src/store/data-folder/owner-record.ts'

const ROOT = resolve(import.meta.dirname, '../..')
// a module that one process has compiled is read by the next
const NODE_COMPILE_CACHE = join(ROOT, 'node_modules/.cache/antiphon-ui')
const BIN = 'bin/antiphon.js'

/** A process of the command line in a fresh folder, and how it is ended and started again. */
export type TestServer = {
  readonly folder: string
  /** the client of the user of the folder */
  client(): Client
  /** Starts `antiphon` and resolves with the first text of its output that fits. */
  start(words: readonly string[], said: RegExp): Promise<string>
  /** Starts the program with agents and a workflow. */
  startProgram(): Promise<string>
  /** Starts the shop, whose server mounts the pages, and resolves with its address. */
  startShop(): Promise<string>
  /** Ends the processes at once, as a crash would. */
  kill(): Promise<void>
  /** Ends the process that works on the folder, as a crash would. */
  killOwner(): Promise<void>
  run(...words: readonly string[]): Promise<string>
  /** The output of the processes, and the content of all files of the folder. */
  traces(): string
}

/** `onEnd`: called with what ends the server and removes its folder. */
export function openServer(onEnd: (end: () => Promise<void>) => void): TestServer {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-ui-'))
  mkdirSync(join(folder, 'home'))
  writeFileSync(join(folder, 'antiphon.yaml'), 'embedder: none\n')
  const running = new Set<ChildProcess>()
  let printed = ''
  onEnd(async () => {
    await Promise.all([...running].map(end))
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  function spawnFile(file: string, words: readonly string[] = []): ChildProcess {
    const environment = { ...process.env, HOME: join(folder, 'home'), NO_COLOR: '1', NODE_COMPILE_CACHE }
    const child = spawn(process.execPath, [join(ROOT, file), ...words], { cwd: folder, env: environment })
    running.add(child)
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (piece) => (printed += piece))
    child.once('exit', () => running.delete(child))
    return child
  }

  async function end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  return {
    folder,
    client: () => createClient(socketFetch(readOwner(join(folder, '.antiphon'))!.socket!)),
    start: (words, said) => whenSaid(spawnFile(BIN, words), said),
    startProgram: () => whenSaid(spawnFile('test/ui/program.ts'), /ready/),
    startShop: () => whenSaid(spawnFile('test/ui/shop.ts'), /It answers at (\S+)\./),
    async kill() {
      await Promise.all([...running].map(end))
    },
    async killOwner() {
      const { pid } = readOwner(join(folder, '.antiphon'))!
      await Promise.all([...running].filter((child) => child.pid === pid).map(end))
    },
    run: (...words) => whenSaid(spawnFile(BIN, words), undefined),
    traces() {
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile())
      return [printed, ...files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))].join(
        '\n',
      )
    },
  }
}

/** The part of the output that fits, or all of it at the end. */
function whenSaid(child: ChildProcess, said: RegExp | undefined): Promise<string> {
  return new Promise((found, failed) => {
    let text = ''
    const add = (piece: Buffer) => {
      text += piece
      const match = said?.exec(text)
      if (match) found(match[1] ?? match[0])
    }
    child.stdout!.on('data', add)
    child.stderr!.on('data', add)
    child.once('exit', (code) =>
      said || code !== 0 ? failed(new Error(`it ended with ${code}: ${text}`)) : found(text),
    )
  })
}
