import { once } from 'node:events'
import { enableCompileCache, registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { stopAll } from '../../http/program/reload.ts'
import { takeTurns } from '../../http/server/dev-turn.ts'
import { stampOf } from './watch.ts'

// The first module of each process of `antiphon dev`, before the program. It reports the files that the program loads,
// and lets `start` wait until the version before has stopped. Without a program, it serves the folder itself.

/** A file that the program loads, or the data folder that it opens when the parent lets it. */
export type ChildMessage = { readonly file: string; readonly stamp: string } | { readonly data: string }

/** ms that running work gets, 5 s, with the time of the program to end itself */
export const STOP_MS = 7_000

const HOME = new URL('../../', import.meta.url).href
let turn: Promise<void> | undefined
let isOn = false

// a process that the program forks has the same arguments, and is no version of it
if (process.env.ANTIPHON_DEV === String(process.ppid)) await begin()

async function begin(): Promise<void> {
  delete process.env.ANTIPHON_DEV
  enableCompileCache()
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context)
      } catch (error) {
        // the next edit may create the file
        if (specifier.startsWith('.')) report(new URL(specifier, context.parentURL).href)
        throw error
      }
    },
    load(url, context, next) {
      report(url)
      return next(url, context)
    },
  })
  process.once('disconnect', end)
  process.channel?.unref()
  takeTurns((data) => (turn ??= waitForParent(data)))
  if (process.argv[1] === fileURLToPath(import.meta.url)) await (await import('../../http/program/start.ts')).start()
}

function report(url: string): void {
  if (!url.startsWith('file:') || url.includes('/node_modules/') || url.startsWith(HOME)) return
  const file = fileURLToPath(url)
  if (process.connected) process.send?.({ file, stamp: stampOf(file) } satisfies ChildMessage)
}

async function waitForParent(data: string): Promise<void> {
  process.channel?.ref()
  process.send?.({ data } satisfies ChildMessage)
  await once(process, 'message')
  process.channel?.unref()
  isOn = true
}

/** The parent lets go of this process, or was killed. */
async function end(): Promise<void> {
  if (!isOn) process.exit(1)
  setTimeout(() => process.exit(1), STOP_MS)
  await stopAll()
  // the program may have its own way to end
  process.kill(process.pid, 'SIGTERM')
}
