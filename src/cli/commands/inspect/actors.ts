import { stringify } from 'yaml'
import { readRef } from '../../arguments/ids.ts'
import { parseWholeNumber } from '../../arguments/options.ts'
import { command } from '../../cli.ts'
import { limitOption, listCommand, showCommand } from '../../client-command.ts'
import { withRuntime } from '../../connect/session.ts'
import { redacted } from '../../render/redact.ts'
import { oneLine, statusFromText, statusText } from '../../terminal/format.ts'
import { tailOf } from './live.ts'

const REF = 'id of a run, an open question or a thread, or KIND/KEY of an actor'

const listActorsCommand = listCommand({
  about: 'List actors by name and status.',
  options: [
    ['--kind <kind>', 'only actors of this kind: run, step, chain, phase, or one of yours'],
    [
      '--status <status>',
      'only this status: failed, quarantined, working, interrupted, waiting, idle, or a status of your own',
    ],
    limitOption('actors', 50),
    ['--json', 'print them as JSON'],
  ],
  examples: ['actors list', 'actors list --kind step', 'actors list --status failed --json'],
  ask: ({ inspector }, { status, ...query }) =>
    inspector.actors({ ...query, ...(status !== undefined && { status: statusFromText(status) }) }),
  none: 'There is no such actor here.',
  head: ['ACTOR', 'STATUS', 'WAITING', 'COMMITS', 'EFFECT'],
  row: ({ of, status, waiting, seq, effect = '-' }) => [of, statusText(status), `${waiting}`, `${seq}`, effect],
  isFailed: ([, status]) => status === 'failed',
})

const showActorCommand = showCommand({
  about:
    'Show the state of an actor. Long texts are cut and fields named like secrets are hidden; --json cuts nothing.',
  args: [['<ref>', REF]],
  options: [['--json', 'print it as JSON']],
  examples: ['actors show run_3xJd0vQ', 'actors show chain/main --json'],
  ask: (client, ref) => readRef(client, ref, client.inspector.actor),
  json: (actor) => redacted(actor, { cut: false }),
  print: (actor, terminal) => terminal.out(stringify(redacted(actor), { lineWidth: 0 }).trimEnd()),
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
        if (json) terminal.jsonLine({ n, body: redacted(body, { cut: false }) })
        else terminal.out(`${n}  ${oneLine(JSON.stringify(redacted(body)), 200)}`)
      return 0
    })
  },
})

export const actorsCommand = command({
  name: 'actors',
  about: 'List and inspect actors. Runs, steps, threads and phases are actors, and so are your own.',
  commands: [listActorsCommand, showActorCommand, tailCommand],
  examples: ['actors list --kind run', 'actors show run_3xJd0vQ', 'actors tail chain/main'],
})
