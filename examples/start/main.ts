import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { configure } from '../../src/cli/connect/configure.ts'
import { measureFsync } from '../../src/cli/doctor/machine.ts'
import { explainError } from '../../src/cli/terminal/errors.ts'
import { listenForSignals } from '../../src/cli/terminal/signals.ts'
import { processTerminal, type Terminal } from '../../src/cli/terminal/terminal.ts'
import { demonstrate } from './demonstrate.ts'
import { type Options, readOptions, USAGE } from './options.ts'

const root = join(import.meta.dirname, '../..')
const terminal = processTerminal()
process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  let options: Options
  try {
    options = readOptions(args)
  } catch (error) {
    terminal.say(`${(error as Error).message}\n\n${USAGE}`)
    return 2
  }
  if (!options.help) return start(options)
  terminal.out(USAGE)
  return 0
}

async function start(options: Options): Promise<number> {
  const stop = new AbortController()
  // a second Ctrl-C ends at once; the runner ends with this process
  const interruption = listenForSignals(() => process.exit(130))
  void interruption.asked.then(() => stop.abort())
  try {
    const { environment } = terminal
    const setup = await configure({
      folder: root,
      environment,
      ...(options.data !== undefined && { data: options.data }),
    })
    const code = await demonstrate({
      root,
      setup,
      terminal,
      kill: options.kill,
      signal: stop.signal,
      header: (model) => header(terminal, setup.data, model),
    })
    // a clone comes without the pages of the dashboard, which the last lines name
    if (code === 0 && !existsSync(join(root, 'ui/dist/pages.json')))
      await (await import('../../build/ui.ts')).buildPages()
    return code
  } catch (error) {
    const { text, exit } = explainError(error, root)
    terminal.say(text)
    return exit
  } finally {
    interruption.off()
  }
}

type Model = { readonly id: string; readonly offline: boolean }

function header({ say }: Terminal, data: string, { id, offline }: Model): void {
  const better = offline ? ' (a better one: ANTIPHON_MODEL=ollama/llama3.2)' : ''
  const disk = `fsync ${measureFsync(data).toFixed(2)} ms`
  say(`${disk} · ${availableParallelism()} cores · model ${id}${better} · data ${relative(process.cwd(), data) || '.'}`)
}
