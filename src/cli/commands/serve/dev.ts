import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { NotFoundError } from '../../../errors.ts'
import { parseExact } from '../../../kernel/json.ts'
import { parsePort } from '../../arguments/options.ts'
import { command, loadSetup } from '../../cli.ts'
import { openDesk } from '../../dev/desk.ts'
import { tellNews } from '../../dev/news.ts'
import { createVersions, launchVersion } from '../../dev/versions.ts'
import { watchFiles } from '../../dev/watch.ts'
import { shortPath } from '../../terminal/errors.ts'
import { commandLine } from '../../terminal/format.ts'
import { onKeys } from '../../terminal/keyboard.ts'
import { listenForSignals } from '../../terminal/signals.ts'
import { linesOf } from '../answer/inbox.ts'
import { explainListening } from './serve.ts'

export const devCommand = command({
  name: 'dev',
  about:
    'Run a program, and load it again at each edit. The version before works until the new one has loaded, and work in flight continues. Without a program, it serves the folder. It prints which runs begin and end, and what waits for you. On a terminal, r starts the last run again, o opens the dashboard, and q ends.',
  args: [
    ['[program]', 'file that calls start() (default: `app` of antiphon.yaml, `main` of package.json, or app.mts)'],
  ],
  options: [
    ['--port <number>', 'port of the dashboard', { parse: parsePort, default: 0, shown: 'any free port' }],
    ['--no-open', 'print the address of the dashboard, and open no browser'],
  ],
  at: 'folder',
  examples: ['dev', 'dev app.mts', 'dev src/server.mts --port 8123 --no-open'],
  async run(cli, given, { port, open, data }) {
    const { folder: cwd, environment, say } = cli.terminal
    const setup = await loadSetup(cli, data)
    const { folder = cwd, app } = setup.ofChain ?? {}
    const program = given === undefined ? programIn(folder, app) : resolve(cwd, given)
    if (given !== undefined && !existsSync(program!)) throw new NotFoundError(`There is no program ${given}.`)
    const env = { ...environment, ...(data !== undefined && { ANTIPHON_DATA: setup.data }) }
    const place = data === undefined ? [] : ['--data', setup.data]
    const interruption = listenForSignals(() => process.exit(130))
    const [over, end] = [new AbortController(), Promise.withResolvers<number>()]
    /** the folder that the program has opened, which need not be the one that the settings say */
    let opened: string | undefined
    const desk = await openDesk(cli, port, () => opened ?? setup.data).catch((error) =>
      explainListening(error, `127.0.0.1:${port}`),
    )
    const files = watchFiles((paths) => {
      say(`${paths.map((path) => shortPath(path, cwd)).join(', ')} changed.`)
      versions.load()
    })
    const versions = createVersions({
      launch: () => launchVersion(program, { cwd, env, onFile: files.add }),
      say,
      onUp(works) {
        say(`${program === undefined ? 'antiphon' : shortPath(program, cwd)} works in ${works}.`)
        if (opened === undefined) desk.show(open && process.stdout.isTTY)
        opened = works
      },
    })
    const news = tellNews(desk.client, over.signal, say, (item) =>
      say(linesOf(item, (...words) => commandLine([...words, ...place], environment), false).join('\n')),
    )
    const offKeys = onKeys((key) => (key === 'q' ? end.resolve(0) : desk.press(key)))
    for (const file of SETTINGS) files.add(join(folder, file))
    versions.load()
    try {
      const signalled = interruption.asked.then((signal) => (signal === 'SIGTERM' ? 0 : 130))
      return await Promise.race([signalled, end.promise, news.then(() => end.promise)])
    } finally {
      offKeys()
      over.abort()
      files.close()
      await versions.stop()
      await desk.close()
      interruption.off()
    }
  },
})

/** Files that a program reads at its start. A run or a goal reads its pipeline or agent itself. */
const SETTINGS = ['antiphon.yaml', 'models.yaml', '.mcp.json', '.env']
const PROGRAMS = ['app.mts', 'src/app.mts', 'server.mts', 'src/server.mts']

/** The program of a folder: the one that antiphon.yaml names, else that of package.json, else one with a usual name. */
export function programIn(folder: string, app: string | undefined): string | undefined {
  const names = [mainOf(join(folder, 'package.json')) ?? '', ...PROGRAMS]
  return app ?? names.map((name) => resolve(folder, name)).find((path) => path !== folder && existsSync(path))
}

function mainOf(manifest: string): string | undefined {
  const { main } = existsSync(manifest)
    ? (parseExact(readFileSync(manifest, 'utf8')) as { readonly main?: unknown })
    : {}
  return typeof main === 'string' ? main : undefined
}
