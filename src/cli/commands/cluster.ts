import { join } from 'node:path'
import { Command } from 'commander'
import { keptServer } from '../../engine/restate/kept-server.ts'
import type { RestateServer } from '../../engine/restate/server.ts'
import { InvalidError, TerminalError } from '../../errors.ts'
import { checkEngineOf } from '../../runtime/engines/node.ts'
import { type Cli, configureHere, type Setup } from '../cli.ts'
import { DATA_OPTION, examples } from '../options.ts'
import type { OwnPlace } from '../place.ts'
import { ownPlace, workUntil } from '../serving.ts'
import { listenForSignals } from '../signals.ts'
import { commandLine } from '../words.ts'

/** `cluster`: the engine for more machines than one. */
export function clusterCommand(cli: Cli): Command {
  return new Command('cluster')
    .description('Run on a Restate server, the engine for more machines than one.')
    .addCommand(devCommand(cli))
}

function devCommand(cli: Cli): Command {
  return new Command('dev')
    .description(
      'Start a Restate server on this machine, over the data folder, and work as its node. Other commands in this folder use it. Ctrl-C stops both; the next start goes on with what was left.',
    )
    .option(...DATA_OPTION)
    .addHelpText('after', examples('cluster dev', 'cluster dev --data .cluster'))
    .action(async ({ data }: { readonly data?: string }) => cli.exit(await dev(cli, data)))
}

const GRACE = 5

async function dev(cli: Cli, data: string | undefined): Promise<number> {
  const interruption = listenForSignals(() => process.exit(130))
  const opened = await prepare(cli, data)
  try {
    const { joinFolder } = await import('../place.ts')
    const place = await joinFolder(opened.setup, { command: 'antiphon cluster dev' })
    const own = ownPlace(opened.setup, place)
    describe(cli, own)
    const code = await workUntil(cli, own, Promise.race([interruption.asked, opened.ended]), GRACE)
    const again = ['cluster', 'dev', ...(data === undefined ? [] : ['--data', data])]
    cli.terminal.say(`Stopped. To go on:\n  ${commandLine(again, cli.terminal.environment)}`)
    return code
  } finally {
    await opened.stop()
    interruption.off()
  }
}

/** A setup that starts the server before it opens the runtime; `ended` rejects when the server ends by itself. */
async function prepare(cli: Cli, given: string | undefined) {
  const { data, restate } = await configureHere(cli, given)
  if (restate) throw namesOne(restate.admin.join(', '))
  checkEngineOf(data, 'restate')
  const kept = await keptServer(join(data, 'restate'))
  const setup = await configureHere(cli, data, { name: 'restate', restate: [kept.admin] })
  const { promise: ended, reject } = Promise.withResolvers<never>()
  ended.catch(() => {})
  let server: RestateServer | undefined

  async function open(...owner: Parameters<Setup['open']>) {
    server = await kept.start()
    server.process.once('exit', () => reject(new TerminalError('The Restate server has ended.')))
    return setup.open(...owner)
  }

  return { setup: { ...setup, open }, ended, stop: async () => server?.stop() }
}

function describe({ terminal }: Cli, { runtime }: OwnPlace): void {
  const { version, admin, ingress } = runtime.status().restate!
  terminal.say(`restate-server ${version} keeps its data in ${runtime.data}; this process is its node.`)
  terminal.say(`admin ${admin.join(', ')}, ingress ${ingress.join(', ')}`)
  terminal.say('Other commands in this folder use it now. Ctrl-C stops both, and nothing is lost.')
}

function namesOne(admin: string): InvalidError {
  return new InvalidError(`a Restate server is configured already, at ${admin}`, {
    hint: '`cluster dev` starts one of its own: leave out `engine` in antiphon.yaml, and --engine and --restate.',
  })
}
