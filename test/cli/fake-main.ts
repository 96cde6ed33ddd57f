import { runCli } from '../../src/cli/program.ts'
import { flushOutput, processTerminal } from '../../src/cli/terminal/terminal.ts'
import { FAKE } from './programs.ts'

// The command line over a fake runtime, as a process of its own.
const code = await runCli(process.argv.slice(2), { terminal: processTerminal(), ...FAKE })
await flushOutput()
process.exit(code)
