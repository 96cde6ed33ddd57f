import { fileURLToPath } from 'node:url'
import { watchStrayErrors } from '../tool/plugin/stray-errors.ts'
import { configure } from './connect/configure.ts'
import { runCli } from './program.ts'
import { explainError } from './terminal/errors.ts'
import { keepStdout } from './terminal/stdout.ts'
import { flushOutput, processTerminal } from './terminal/terminal.ts'

keepStdout()
// the terminal exists before the options are read
const terminal = processTerminal({ color: !process.argv.includes('--no-color') })
const launcher = fileURLToPath(new URL('../../bin/antiphon.js', import.meta.url))

watchStrayErrors({
  say: (text) => terminal.say(text),
  other(error) {
    const { text } = explainError(error, terminal.folder)
    terminal.say(text)
    process.exit(1)
  },
})

const code = await runCli(process.argv.slice(2), { terminal, configure, self: [process.execPath, launcher] })
await flushOutput()
// resources that a tool or a model left open must not keep a finished command alive
process.exit(code)
