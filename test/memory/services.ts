import { existsSync, realpathSync } from 'node:fs'
import type { MemoryServices } from '../../src/memory/open-memory.ts'
import type { WebSettings } from '../../src/web/policy.ts'
import { createWeb } from '../../src/web/request.ts'

/** The services of a memory in a test: every path may be read, and the network is open as the settings say. */
export const servicesOf = (settings: WebSettings = {}): Required<Pick<MemoryServices, 'openPath' | 'web'>> => ({
  async openPath(path) {
    const real = existsSync(path) ? realpathSync(path) : path
    return { real, mayRead: () => true }
  },
  web: async () => createWeb(settings),
})
