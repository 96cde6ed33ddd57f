import { InvalidError } from '../errors.ts'
import { executionOf } from './execution.ts'
import { findProgram } from './process/find-program.ts'
import { runProcess } from './process/run-process.ts'
import type { SandboxProvider } from './sandbox.ts'
import { exceededIn } from './scratch/usage.ts'
import { createScratch } from './scratch.ts'
import { createWatchdog } from './watchdog.ts'

/** No sandbox: commands have the rights and the view of this process. Only if the configuration names it. */
export const none: SandboxProvider = {
  name: 'none',
  disk: 'watched',
  check: async () => undefined,
  async open({ limits, proxy, mounts = [] }) {
    if (mounts.some(({ hidden }) => hidden))
      throw new InvalidError('Without a sandbox, nothing hides files from commands.')
    if (proxy) throw new InvalidError('Without a sandbox, nothing keeps commands to a proxy.')
    const scratch = await createScratch()
    const { PATH = '/usr/bin:/bin' } = process.env
    return {
      name: 'none',
      folder: scratch.folder,
      async run([program, ...args], { signal, seconds, environment = {}, folder = scratch.folder, talk } = {}) {
        const watchdog = createWatchdog(() => exceededIn(scratch.folder, limits), limits, true)
        try {
          const result = await runProcess({
            words: [(await findProgram(program, folder, PATH)) ?? program, ...args],
            folder,
            environment: { PATH, HOME: scratch.folder, LANG: 'C.UTF-8', ...environment },
            ...(talk ? { talk } : { timeout: Math.min(seconds ?? limits.seconds, limits.seconds) * 1000 }),
            signal: AbortSignal.any([watchdog.signal, ...(signal ? [signal] : [])]),
            isolated: true,
            started: watchdog.watch,
          })
          return executionOf(result, watchdog.exceeded())
        } finally {
          watchdog.stop()
        }
      },
      write: scratch.write,
      read: scratch.read,
      list: scratch.list,
      close: scratch.remove,
    }
  },
}
