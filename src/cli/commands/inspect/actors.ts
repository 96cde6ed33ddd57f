import { Command, Option } from 'commander'
import { stringify } from 'yaml'
import type { ActorSummary } from '../../../runtime/ports/inspector.ts'
import { resolveRef } from '../../arguments/ids.ts'
import { DATA_OPTION, exampleText, parseLimit, parseWholeNumber } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { withReader } from '../../connect/reader.ts'
import { withRuntime } from '../../connect/session.ts'
import type { ConnectionTarget } from '../../connect/target.ts'
import { jsonText, printJson, showList } from '../../render/print.ts'
import { redacted } from '../../render/redact.ts'
import { printTable } from '../../render/table.ts'
import { oneLine, statusFromText, statusText } from '../../render/text.ts'
import { tailOf } from './live.ts'

type Options = ConnectionTarget & { readonly json?: boolean }
type ListOptions = Options & { readonly kind?: string; readonly status?: string; readonly limit: number }
type TailOptions = Options & { readonly after?: number }

const REF = 'id of a run, an open question or a thread, or KIND/KEY of an actor'

/** `actors list|show|tail`: lists actors, shows one, and follows its events. */
export function actorsCommand(cli: Cli): Command {
  const command = new Command('actors').description(
    'List and inspect actors. Runs, steps, threads and phases are actors, and so are your own.',
  )
  for (const sub of [listCommand(cli), showCommand(cli), tailCommand(cli)]) command.addCommand(sub)
  return command.addHelpText(
    'after',
    exampleText('actors list --kind run', 'actors show run_3xJd0vQ', 'actors tail chain/main'),
  )
}

function listCommand(cli: Cli): Command {
  return new Command('list')
    .description('List actors by name and status.')
    .option('--kind <kind>', 'only actors of this kind: run, step, chain, phase, or one of yours')
    .option(
      '--status <status>',
      'only this status: failed, quarantined, working, interrupted, waiting, idle, or a status of your own',
    )
    .addOption(new Option('--limit <number>', 'maximum number of actors, up to 1000').argParser(parseLimit).default(50))
    .option('--json', 'print them as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText('actors list', 'actors list --kind step', 'actors list --status failed --json'))
    .action(async (options: ListOptions) => cli.exit(await list(cli, options)))
}

function list(cli: Cli, { kind, status, limit, json, ...where }: ListOptions): Promise<number> {
  const { terminal } = cli
  return withReader(cli, { command: 'antiphon actors', ...where, empty: () => tell([]) }, async ({ client }) => {
    const query = {
      limit,
      ...(kind !== undefined && { kind }),
      ...(status !== undefined && { status: statusFromText(status) }),
    }
    return tell(await client.inspector.actors(query))
  })

  function tell(actors: readonly ActorSummary[]): number {
    const print = () =>
      printTable(
        terminal,
        ['ACTOR', 'STATUS', 'WAITING', 'COMMITS', 'EFFECT'],
        actors.map(rowOf),
        ([, status]) => status === 'failed',
      )
    return showList(terminal, actors, { json, limit, none: 'There is no such actor here.', print })
  }
}

function rowOf({ of, status, waiting, seq, effect = '-' }: ActorSummary): readonly string[] {
  return [of, statusText(status), `${waiting}`, `${seq}`, effect]
}

function showCommand(cli: Cli): Command {
  return new Command('show')
    .description(
      'Show the state of an actor. Long texts are cut and fields named like secrets are hidden; --json cuts nothing.',
    )
    .argument('<ref>', REF)
    .option('--json', 'print it as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText('actors show run_3xJd0vQ', 'actors show chain/main --json'))
    .action(async (ref: string, options: Options) => cli.exit(await show(cli, ref, options)))
}

function show(cli: Cli, ref: string, { json = false, ...where }: Options): Promise<number> {
  const { terminal } = cli
  return withReader(cli, { command: 'antiphon actors', ...where }, async ({ client }) => {
    const actor = await client.inspector.actor(await resolveRef(client, ref))
    if (json) printJson(terminal, redacted(actor, { cut: false }))
    else terminal.out(stringify(redacted(actor), { lineWidth: 0 }).trimEnd())
    return 0
  })
}

function tailCommand(cli: Cli): Command {
  return new Command('tail')
    .description('Print the events of an actor, then new ones. Stops when the actor is gone, or at Ctrl-C.')
    .argument('<ref>', REF)
    .option('--after <number>', 'only events after this number', parseWholeNumber)
    .option('--json', 'print each event as a line of JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText('actors tail run_3xJd0vQ', 'actors tail chain/main --after 12 --json'))
    .action(async (ref: string, options: TailOptions) => cli.exit(await tail(cli, ref, options)))
}

function tail(cli: Cli, ref: string, { after = 0, json = false, ...where }: TailOptions): Promise<number> {
  const { terminal } = cli
  return withRuntime(cli, { command: 'antiphon actors tail', ...where }, async (session) => {
    const of = await resolveRef(session.client, ref)
    for await (const { n, body } of tailOf(session, terminal, of, after))
      terminal.out(
        json
          ? jsonText({ n, body: redacted(body, { cut: false }) })
          : `${n}  ${oneLine(JSON.stringify(redacted(body)), 200)}`,
      )
    return 0
  })
}
