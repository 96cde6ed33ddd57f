import type { ServeConfig } from '../../../config/serve.ts'
import { InvalidError } from '../../../errors.ts'
import { addressFrom, isLoopback, urlOf } from '../../../http/server/address.ts'
import type { OwnerPlace } from '../../../http/server/join-folder.ts'
import { LOG_FORMS, LOG_LEVELS } from '../../../observe/log/settings.ts'
import type { RuntimeStatus } from '../../../runtime/ports/maintenance.ts'
import type { Runtime } from '../../../runtime/ports.ts'
import { parseSeconds } from '../../arguments/options.ts'
import { type Cli, command, loadSetup } from '../../cli.ts'
import { serveFolder } from '../../connect/serve-folder.ts'
import { formatCount } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

export const serveCommand = command({
  name: 'serve',
  about:
    'Run the server until it is stopped. It resumes interrupted work and serves other commands in this folder. On Restate this process is a node. At SIGTERM, running work may finish; the exit code is 0 if it did.',
  options: [
    ['--grace <seconds>', 'time for running work to finish after a signal', { parse: parseSeconds, default: 20 }],
    ['--listen <address>', 'also serve HTTP, at PORT on 127.0.0.1 or at HOST:PORT'],
    ['--no-auth', 'require no API key; only for loopback addresses'],
    ['--log <form>', 'write log lines to stdout (pino)', { choices: LOG_FORMS }],
    ['--log-level <level>', 'lowest level to log', { choices: LOG_LEVELS, shown: 'info' }],
  ],
  at: 'folder',
  examples: [
    'serve',
    'serve --listen 8080',
    'serve --data /var/lib/antiphon --grace 60',
    'serve --restate http://127.0.0.1:9070',
  ],
  async run(cli, { data, grace, listen, auth, log, logLevel: level }) {
    const listening = listen === undefined ? undefined : { listen, auth }
    if (listening) await checkListening(listening)
    else if (!auth) throw new InvalidError('--no-auth needs --listen.')
    const lines = { metrics: true, ...(log && { log }), ...(level && { level }) }
    const setup = await loadSetup(cli, data, cli.engine(), lines)
    const begun = (place: OwnerPlace) => begin(cli, place, listening && { ...listening, serve: setup.serve })
    return serveFolder(cli, setup, { command: 'antiphon serve', grace, begin: begun })
  },
})

/** Resumes the work of an earlier process, and never resolves: the work has no end. */
async function begin({ terminal }: Cli, place: OwnerPlace, listening: ListenOptions | undefined): Promise<never> {
  const { runtime } = place
  // before any work is resumed, in case that fails
  const answers = listening && (await answerOpenly(place, listening))
  const left = await runtime.engine.start()
  terminal.say(`Process ${process.pid} works in ${runtime.data}${asWhat(runtime.status())}.`)
  if (left > 0) terminal.say(`It resumes ${formatCount(left, 'message')} that an earlier process left.`)
  if (answers) terminal.say(answers)
  await sayDoubt(terminal, runtime)
  terminal.say('Other commands in this folder use it now.')
  return new Promise(() => {})
}

/** Warns that the clock is not trusted, and lists the data that it would make too old. */
async function sayDoubt(terminal: Terminal, runtime: Pick<Runtime, 'status' | 'maintenance'>): Promise<void> {
  const { retention } = runtime.status()
  if (retention?.code !== 'clock_ahead') return
  const { items } = await runtime.maintenance.gc({ dryRun: true })
  const counts = items.map(({ what, count: number }) => formatCount(number, what)).join(', ')
  terminal.say(`Warning: ${retention.message} By this clock ${counts || 'nothing'} would be removed. ${retention.hint}`)
}

function asWhat({ restate }: RuntimeStatus): string {
  return restate ? `, a node of the Restate server ${restate.version} at ${restate.admin.join(', ')}` : ''
}

/** The network address of the server, and its callers. */
type ListenOptions = { readonly listen: string; readonly auth: boolean; readonly serve?: ServeConfig | undefined }

/** InvalidError for a wrong address, or for one that others reach without a key. */
async function checkListening({ listen, auth }: ListenOptions): Promise<void> {
  const { host } = addressFrom(listen)
  if (auth || (await isLoopback(host))) return
  throw new InvalidError(`Without keys, ${host} is open to everyone who can reach this machine.`, {
    hint: 'Remove --no-auth, or listen on 127.0.0.1.',
  })
}

/** Listens there, and says how to get access. */
async function answerOpenly(place: OwnerPlace, { listen, auth, serve }: ListenOptions): Promise<string> {
  const access = auth ? place.runtime.access : undefined
  const pages = serve?.ui === false ? undefined : (await import('../../../http/ui/served-pages.ts')).servedPages
  const wrap: Parameters<OwnerPlace['listen']>[2] = pages && ((makeApp, by) => pages(makeApp, by, { access, serve }))
  const door = await place.listen(addressFrom(listen), auth, wrap).catch((error) => explainListening(error, listen))
  const how = auth
    ? 'To make a key: antiphon keys api create NAME'
    : 'No key is needed: every user of this machine has full access.'
  return `It answers at ${urlOf(door)}. ${how}${pages ? `\nThe dashboard is at ${urlOf(door)}/ui/` : ''}`
}

const REASONS: { readonly [code: string]: string } = {
  EADDRINUSE: 'another process uses this address',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the name cannot be resolved',
  EACCES: 'permission denied',
}

/** Throws why a process cannot listen on an address. */
export function explainListening(cause: NodeJS.ErrnoException, listen: string): never {
  const reason = REASONS[cause.code ?? '']
  if (reason === undefined) throw cause
  throw new InvalidError(`This process cannot listen on ${listen}: ${reason}.`, {
    cause,
    hint: 'Give another address, or port 0 for any free port.',
  })
}
