import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Cli } from '../../src/cli/cli.ts'
import { configure } from '../../src/cli/connect/configure.ts'
import type { ConfigRequest } from '../../src/config/config.ts'
import { mcpServing } from '../../src/config/mcp-serving.ts'
import { fakeRuntime } from '../http/fake-runtime.ts'

/** What a command line stands over, and how it is started as a process of its own. */
export type Program = Pick<Cli, 'configure' | 'self'>

const startedBy = (path: string) => [process.execPath, fileURLToPath(new URL(path, import.meta.url))]

export const REAL: Program = { configure, self: startedBy('../../bin/antiphon.js') }

/** Over a real runtime with models of a test's own. */
export function realWith(models: { readonly [id: string]: object }): Program {
  return {
    ...REAL,
    configure: async (where) => {
      const setup = await configure(where)
      return { ...setup, open: (owner, parts) => setup.open(owner, { ...parts, models } as object) }
    },
  }
}

/** Over a runtime that does nothing but write down what it was told. */
export const FAKE: Program = {
  configure: async ({ folder, data, environment }: ConfigRequest) => {
    const path = resolve(folder, data ?? environment.ANTIPHON_DATA ?? '.antiphon')
    return {
      data: path,
      mcp: mcpServing({ folder, data: path }),
      machine: { environment },
      open: async () => fakeRuntime(path),
    }
  },
  self: startedBy('fake-main.ts'),
}

/** Over nothing: for commands that need no runtime. */
export const NOTHING: Program = { configure: () => Promise.reject(new Error('no runtime is needed')), self: [] }
