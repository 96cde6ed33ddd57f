import { resolve } from 'node:path'
import { InvalidError } from '../../../errors.ts'
import { CHECK_WORKFLOWS } from '../../../http/server/check-start.ts'
import type { WorkflowReport } from '../../../workflow/check/check-runs.ts'
import { parseSeconds } from '../../arguments/options.ts'
import { command } from '../../command.ts'
import { askProgram } from '../../connect/ask-program.ts'
import { withReader } from '../../connect/reader.ts'
import { targetOf } from '../../connect/target.ts'
import { jsonText, printJson } from '../../render/print.ts'
import { formatCount } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const listCommand = command({
  name: 'list',
  about:
    'List workflows, and the old code that open runs need. They are those of the program that works on the folder.',
  options: [['--json', 'print the report as JSON']],
  at: 'server',
  role: 'default',
  run: (cli, { json = false, ...options }) =>
    withReader(cli, { command: 'antiphon workflows', ...targetOf(options) }, async ({ client }) => {
      const report = await client.workflows.check()
      if (json) printJson(cli.terminal, report)
      else if (report.versions.length === 0) cli.terminal.say(NONE)
      else printReport(cli.terminal, report)
      return 0
    }),
})

const NONE = 'No program with workflows works on this folder: start({ workflows: [ … ] }).'

const checkCommand = command({
  name: 'check',
  about:
    'Replay open runs against the code of a program. Nothing has an effect. Exit code 1 if one would wait for other code.',
  args: [['[program]', 'the file that calls start({ workflows }) (default: `app` of antiphon.yaml)']],
  options: [
    ['--from <file>', 'replay exported histories instead: the output of `workflows history`, or a list of such'],
    ['--json', 'print the report as JSON'],
    ['--timeout <seconds>', 'time for the program to call start() and replay', { parse: parseSeconds, default: 60 }],
  ],
  examples: ['workflows check app.mts', 'workflows check app.mts --from order-7.json'],
  async run({ terminal }, given, { from, json = false, timeout }) {
    const program = given ?? (await appOf(terminal))
    const histories = from === undefined ? '' : resolve(terminal.folder, from)
    const { report } = await askProgram('workflows', program, terminal, timeout, { [CHECK_WORKFLOWS]: histories })
    if (json) printJson(terminal, report)
    else printReport(terminal, report)
    const fits = report.versions.every(({ isHere, open, differs }) => differs.length === 0 && (isHere || open === 0))
    return fits && !report.more ? 0 : 1
  },
})

async function appOf({ folder, environment }: Terminal): Promise<string> {
  const { loadConfig } = await import('../../../config/config.ts')
  const { app } = await loadConfig({ folder, environment })
  if (app !== undefined) return app
  throw new InvalidError('Expected the file of a program, or `app: FILE` in antiphon.yaml.', {
    hint: 'For example: antiphon workflows check app.mts',
  })
}

const historyCommand = command({
  name: 'history',
  about: 'Print the history of a run as JSON. `workflows check --from` reads it. It holds what the run has read.',
  args: [['<run>', 'the id of the run']],
  at: 'server',
  examples: ['workflows history order-7 > order-7.json'],
  run: (cli, run, options) =>
    withReader(cli, { command: 'antiphon workflows history', ...targetOf(options) }, async ({ client }) => {
      cli.terminal.out(jsonText(await client.workflows.history(run)))
      return 0
    }),
})

/** `workflows`: the code of workflows, and the runs that need it. */
export const workflowsCommand = command({
  name: 'workflows',
  about: 'Show workflows, and which old code their open runs need. Checks whether new code fits these runs.',
  commands: [listCommand, checkCommand, historyCommand],
  examples: ['workflows', 'workflows check app.mts'],
})

function printReport(terminal: Terminal, { checked, more, versions }: WorkflowReport): void {
  const isOld = (of: string, before: number) =>
    versions.some(({ name, version, isHere }) => isHere && name === of && version > before)
  for (const { name, version, isHere, open, changes, differs, hints } of versions) {
    terminal.out(`${name}  version ${version}  ${formatCount(open, 'open run')}`)
    if (!isHere) terminal.out('  The program does not have this version: its runs wait.')
    else if (isOld(name, version) && open === 0) terminal.out('  This version can go: no open run needs it.')
    for (const change of changes) terminal.out(`  ${changeText(change, more)}`)
    for (const { run, message, hint } of differs)
      terminal.out([`  ${run}: ${message}`, ...hint.split('\n').map((line) => `    ${line}`)].join('\n'))
    for (const hint of hints) terminal.out(`  ${hint}`)
  }
  if (more) terminal.out(`Only ${formatCount(checked, 'run')} of more were replayed.`)
}

const changeText = ({ name, old }: WorkflowReport['versions'][number]['changes'][number], more: boolean) =>
  old > 0
    ? `${name}: the code before is needed by ${formatCount(old, 'open run')}`
    : `${name}: the code before can go, as no ${more ? 'replayed' : 'open'} run needs it`
