import { spawn } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ChildMessage, STOP_MS } from './child.ts'

/** A process of one version of the program. */
export interface Version {
  /** the data folder that its `start` is about to open; undefined: the process ended before */
  readonly loaded: Promise<string | undefined>
  /** how it ended, in words */
  readonly ended: Promise<string>
  /** Lets its `start` go on. */
  go(): void
  /** Ends it, with 5 s for running work. One that waits in `start` has none. */
  stop(): Promise<void>
  /** Ends it at once. */
  kill(): void
}

type VersionParts = { launch(): Version; say(line: string): void; onUp(data: string): void }

/** Versions of a program, one after the other. A version that does not load leaves the one before at work. */
export function createVersions({ launch, say, onUp }: VersionParts) {
  let loading: Version | undefined
  let current: Version | undefined
  /** resolves when all versions before have ended */
  let free: Promise<unknown> = Promise.resolve()

  async function follow(version: Version): Promise<void> {
    const data = await version.loaded
    // a later edit has taken its place
    if (loading !== version) return
    loading = undefined
    if (data === undefined) return say(`It was not loaded. ${current ? 'The version before goes on.' : AGAIN}`)
    free = Promise.all([free, current?.stop()])
    current = version
    await free
    if (current !== version) return
    version.go()
    onUp(data)
    const how = await version.ended
    if (current !== version) return
    current = undefined
    say(`The program has ended (${how}). ${AGAIN}`)
  }

  return {
    /** Loads the program as it is now. */
    load(): void {
      loading?.kill()
      loading = launch()
      void follow(loading)
    },
    async stop(): Promise<void> {
      loading?.kill()
      const last = current
      loading = current = undefined
      await Promise.all([free, last?.stop()])
    },
  }
}

const AGAIN = 'The next edit starts it.'

type Launching = { readonly cwd: string; readonly env: NodeJS.ProcessEnv; onFile(file: string, stamp: string): void }

/** Starts a process of the program; without one, of the folder. Ctrl-C at this terminal does not reach it. */
export function launchVersion(program: string | undefined, { onFile, env, cwd }: Launching): Version {
  const first = new URL(`./child${extname(import.meta.url)}`, import.meta.url)
  const words = program === undefined ? [fileURLToPath(first)] : ['--import', first.href, program]
  const child = spawn(process.execPath, words, {
    cwd,
    env: { ...env, ANTIPHON_DEV: String(process.pid) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true,
  })
  const { promise: loaded, resolve } = Promise.withResolvers<string | undefined>()
  child.on('message', (message: ChildMessage) =>
    'data' in message ? resolve(message.data) : onFile(message.file, message.stamp),
  )
  // its channel may break while it ends
  child.on('error', () => {})
  const ended = new Promise<string>((end) =>
    child.once('exit', (code, signal) => {
      resolve(undefined)
      end(signal ?? `exit code ${code}`)
    }),
  )
  return {
    loaded,
    ended,
    go: () => void child.send('go'),
    kill() {
      // files that it still reports may have changed since
      child.removeAllListeners('message').kill('SIGKILL')
    },
    async stop() {
      if (child.connected) child.disconnect()
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      await ended
      clearTimeout(late)
    },
  }
}
