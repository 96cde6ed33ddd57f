import { resolve } from 'node:path'
import { InvalidError } from '../../../errors.ts'
import { CHECK_WORKFLOWS } from '../../../http/server/check-outcome.ts'
import { type Json, parseExact } from '../../../kernel/json.ts'
import type { WorkflowReport } from '../../../workflow/check/check-runs.ts'
import { parseSeconds } from '../../arguments/options.ts'
import { command, targetOf } from '../../cli.ts'
import { showCommand } from '../../client-command.ts'
import { askProgram } from '../../connect/ask-program.ts'
import { withReader } from '../../connect/session.ts'
import { formatCount } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const listCommand = command({
  name: 'list',
  about:
    'List workflows, and the old code that open runs need. They are those of the program that works on the folder.',
  options: [['--json', 'print the report as JSON']],
  at: 'server',
  role: 'default',
  async run({ terminal, ...cli }, { json = false, ...options }) {
    let report: WorkflowReport | undefined
    await withReader(
      { terminal, ...cli },
      { command: 'antiphon workflows', ...targetOf(options) },
      async ({ client }) => {
        report = await client.workflows.check()
        return 0
      },
    )
    // the program opens the folder itself, which is free again
    const app = report?.versions.length === 0 && options.server === undefined ? await appIn(terminal) : undefined
    if (app !== undefined) report = await checkOf(terminal, app)
    if (json) terminal.json(report)
    else if (!report || report.versions.length === 0) terminal.say(NONE)
    else printReport(terminal, report)
    return 0
  },
})

const NONE =
  'No program with workflows works on this folder, and antiphon.yaml names none: app: FILE, which calls start({ workflows }).'

/** Time for a program to call start() and replay. */
const CHECK_SECONDS = 60

const checkCommand = command({
  name: 'check',
  about:
    'Replay open runs against the code of a program. Nothing has an effect. Exit code 1 if one would wait for other code.',
  args: [['[program]', 'the file that calls start({ workflows }) (default: `app` of antiphon.yaml)']],
  options: [
    ['--from <file>', 'replay exported histories instead: the output of `workflows history`, or a list of such'],
    ['--json', 'print the report as JSON'],
    [
      '--timeout <seconds>',
      'time for the program to call start() and replay',
      { parse: parseSeconds, default: CHECK_SECONDS },
    ],
  ],
  examples: ['workflows check app.mts', 'workflows check app.mts --from order-7.json'],
  async run({ terminal }, given, { from, json = false, timeout }) {
    const program = given ?? (await appOf(terminal))
    const histories = from === undefined ? '' : resolve(terminal.folder, from)
    const report = await checkOf(terminal, program, histories, timeout)
    if (json) terminal.json(report)
    else printReport(terminal, report)
    return fits(report) ? 0 : 1
  },
})

/** Whether all open runs can go on with the code. */
export const fits = ({ more, versions }: WorkflowReport): boolean =>
  !more && versions.every(({ isHere, open, differs }) => differs.length === 0 && (isHere || open === 0))

export async function checkOf(terminal: Terminal, program: string, histories = '', seconds = CHECK_SECONDS) {
  const more = { [CHECK_WORKFLOWS]: histories }
  return (await askProgram('workflows', program, terminal, seconds, more)).report
}

/** The program that antiphon.yaml names. */
export async function appIn({ folder, environment }: Terminal): Promise<string | undefined> {
  const [{ loadConfig }, { programFile }] = await Promise.all([
    import('../../../config/config.ts'),
    import('../../../http/program/load/read-program.ts'),
  ])
  return programFile(await loadConfig({ folder, environment }))
}

async function appOf(terminal: Terminal): Promise<string> {
  const app = await appIn(terminal)
  if (app !== undefined) return app
  throw new InvalidError('Expected the file of a program, or `app: FILE` in antiphon.yaml.', {
    hint: 'For example: antiphon workflows check app.mts',
  })
}

const historyCommand = showCommand({
  name: 'history',
  about: 'Print the history of a run as JSON. `workflows check --from` reads it. It holds what the run has read.',
  args: [['<run>', 'the id of the run']],
  examples: ['workflows history order-7 > order-7.json'],
  ask: ({ workflows }, run) => workflows.history(run),
  print: (history, terminal) => terminal.jsonLine(history),
})

const askCommand = showCommand({
  name: 'ask',
  about: 'Ask a run of a workflow. Its `ctx.handle` of that name answers at once, and nothing changes.',
  args: [
    ['<run>', 'the id of the run'],
    ['<name>', 'the name of the handler'],
    ['[question]', 'JSON for the handler (default: null)'],
  ],
  examples: ['workflows ask order-7 progress'],
  ask: ({ workflows }, run, name, question) =>
    workflows.ask(run, name, question === undefined ? null : questionIn(question)),
  print: ({ answer }, terminal) => terminal.jsonLine(answer),
})

function questionIn(text: string): Json {
  try {
    return parseExact(text) as Json
  } catch (cause) {
    throw new InvalidError('Expected a question in JSON.', { cause, hint: `For a text: '"${text.slice(0, 50)}"'` })
  }
}

export const workflowsCommand = command({
  name: 'workflows',
  about: 'Show workflows, and which old code their open runs need. Checks whether new code fits these runs.',
  commands: [listCommand, checkCommand, askCommand, historyCommand],
  examples: ['workflows', 'workflows check app.mts'],
})

export function printReport(terminal: Terminal, { checked, more, versions }: WorkflowReport): void {
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
