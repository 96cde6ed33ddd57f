import { stringify } from 'yaml'
import type { ActorSummary } from '../../../runtime/ports/inspector.ts'
import { readRef } from '../../arguments/ids.ts'
import { parseLimit, parseWholeNumber } from '../../arguments/options.ts'
import { command } from '../../command.ts'
import { withReader } from '../../connect/reader.ts'
import { withRuntime } from '../../connect/session.ts'
import { jsonText, printJson, showList } from '../../render/print.ts'
import { redacted } from '../../render/redact.ts'
import { printTable } from '../../render/table.ts'
import { oneLine, statusFromText, statusText } from '../../render/text.ts'
import { tailOf } from './live.ts'

const REF = 'id of a run, an open question or a thread, or KIND/KEY of an actor'

const listCommand = command({
  name: 'list',
  about: 'List actors by name and status.',
  options: [
    ['--kind <kind>', 'only actors of this kind: run, step, chain, phase, or one of yours'],
    [
      '--status <status>',
      'only this status: failed, quarantined, working, interrupted, waiting, idle, or a status of your own',
    ],
    ['--limit <number>', 'maximum number of actors, up to 1000', { parse: parseLimit, default: 50 }],
    ['--json', 'print them as JSON'],
  ],
  at: 'server',
  examples: ['actors list', 'actors list --kind step', 'actors list --status failed --json'],
  run(cli, { kind, status, limit, json, ...where }) {
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
  },
})

function rowOf({ of, status, waiting, seq, effect = '-' }: ActorSummary): readonly string[] {
  return [of, statusText(status), `${waiting}`, `${seq}`, effect]
}

const showCommand = command({
  name: 'show',
  about:
    'Show the state of an actor. Long texts are cut and fields named like secrets are hidden; --json cuts nothing.',
  args: [['<ref>', REF]],
  options: [['--json', 'print it as JSON']],
  at: 'server',
  examples: ['actors show run_3xJd0vQ', 'actors show chain/main --json'],
  run(cli, ref, { json = false, ...where }) {
    const { terminal } = cli
    return withReader(cli, { command: 'antiphon actors', ...where }, async ({ client }) => {
      const actor = await readRef(client, ref, client.inspector.actor)
      if (json) printJson(terminal, redacted(actor, { cut: false }))
      else terminal.out(stringify(redacted(actor), { lineWidth: 0 }).trimEnd())
      return 0
    })
  },
})

const tailCommand = command({
  name: 'tail',
  about: 'Print the events of an actor, then new ones. Stops when the actor is gone, or at Ctrl-C.',
  args: [['<ref>', REF]],
  options: [
    ['--after <number>', 'only events after this number', { parse: parseWholeNumber }],
    ['--json', 'print each event as a line of JSON'],
  ],
  at: 'server',
  examples: ['actors tail run_3xJd0vQ', 'actors tail chain/main --after 12 --json'],
  run(cli, ref, { after = 0, json = false, ...where }) {
    const { terminal } = cli
    return withRuntime(cli, { command: 'antiphon actors tail', ...where }, async (session) => {
      const { of } = await readRef(session.client, ref, session.client.inspector.actor)
      for await (const { n, body } of tailOf(session, terminal, of, after))
        terminal.out(
          json
            ? jsonText({ n, body: redacted(body, { cut: false }) })
            : `${n}  ${oneLine(JSON.stringify(redacted(body)), 200)}`,
        )
      return 0
    })
  },
})

/** `actors list|show|tail`: lists actors, shows one, and follows its events. */
export const actorsCommand = command({
  name: 'actors',
  about: 'List and inspect actors. Runs, steps, threads and phases are actors, and so are your own.',
  commands: [listCommand, showCommand, tailCommand],
  examples: ['actors list --kind run', 'actors show run_3xJd0vQ', 'actors tail chain/main'],
})
