import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCli } from '../../src/cli/program.ts'
import { flushOutput, processTerminal } from '../../src/cli/terminal.ts'
import { fakeRuntime } from '../http/fake-runtime.ts'

// The command line over a fake runtime, as a process of its own.
const code = await runCli(process.argv.slice(2), {
  terminal: processTerminal(),
  configure: async ({ folder, data, environment }) => {
    const path = resolve(folder, data ?? environment.ANTIPHON_DATA ?? '.antiphon')
    return { data: path, machine: { environment }, open: async () => fakeRuntime(path) }
  },
  self: [process.execPath, fileURLToPath(import.meta.url)],
})
await flushOutput()
process.exit(code)
