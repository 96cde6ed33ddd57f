import { Command, CommanderError } from 'commander'
import { version } from '../lib/manifest.ts'
import { nearestWord } from '../lib/suggest.ts'
import { shieldId } from './arguments/dashed-ids.ts'
import { ENGINE_OPTIONS, type EngineOptions, engineRequest } from './arguments/options.ts'
import type { Cli } from './cli.ts'
import { addCommand, type CommandRecord, optionFor } from './command.ts'
import { agentCommand } from './commands/agent/agent.ts'
import { budgetCommand } from './commands/answer/budget.ts'
import { consentCommand } from './commands/answer/consent.ts'
import { decideCommand } from './commands/answer/decide.ts'
import { inboxCommand } from './commands/answer/inbox.ts'
import { settleCommand } from './commands/answer/settle.ts'
import { signalCommand } from './commands/answer/signal.ts'
import { completionCommand } from './commands/author/completion.ts'
import { initCommand } from './commands/author/init.ts'
import { mcpCommand } from './commands/author/mcp.ts'
import { modelsCommand } from './commands/author/models.ts'
import { planCommand } from './commands/author/plan.ts'
import { schemaCommand } from './commands/author/schema.ts'
import { toolsCommand } from './commands/author/tools.ts'
import { validateCommand } from './commands/author/validate.ts'
import { backupCommand } from './commands/data/backup.ts'
import { cacheCommand } from './commands/data/cache.ts'
import { doctorCommand } from './commands/data/doctor.ts'
import { filesCommand } from './commands/data/files.ts'
import { forgetOwnerCommand } from './commands/data/forget-owner.ts'
import { gcCommand } from './commands/data/gc.ts'
import { ledgerCommand } from './commands/data/ledger.ts'
import { memoryCommand } from './commands/data/memory.ts'
import { migrateCommand } from './commands/data/migrate.ts'
import { restoreCommand } from './commands/data/restore.ts'
import { actorsCommand } from './commands/inspect/actors.ts'
import { auditCommand } from './commands/inspect/audit.ts'
import { chainCommand } from './commands/inspect/chain.ts'
import { costCommand } from './commands/inspect/cost.ts'
import { deadLettersCommand } from './commands/inspect/deadletters.ts'
import { logsCommand } from './commands/inspect/logs.ts'
import { poolsCommand } from './commands/inspect/pools.ts'
import { statusCommand } from './commands/inspect/status.ts'
import { topCommand } from './commands/inspect/top.ts'
import { treeCommand } from './commands/inspect/tree.ts'
import { whyCommand } from './commands/inspect/why.ts'
import { workflowsCommand } from './commands/inspect/workflows.ts'
import { askCommand } from './commands/run/ask.ts'
import { cancelCommand } from './commands/run/cancel.ts'
import { chatCommand } from './commands/run/chat.ts'
import { forkCommand, replayCommand } from './commands/run/fork.ts'
import { ownCommand } from './commands/run/own.ts'
import { resumeCommand } from './commands/run/resume.ts'
import { runCommand } from './commands/run/run.ts'
import { runsCommand } from './commands/run/runs.ts'
import { scheduleCommand } from './commands/run/schedule.ts'
import { showCommand } from './commands/run/show.ts'
import { threadsCommand } from './commands/run/threads.ts'
import { clusterCommand } from './commands/serve/cluster.ts'
import { hooksCommand } from './commands/serve/hooks.ts'
import { keysCommand } from './commands/serve/keys.ts'
import { notifyCommand } from './commands/serve/notify.ts'
import { serveCommand } from './commands/serve/serve.ts'
import { uiCommand } from './commands/serve/ui.ts'
import { commandHelp, overviewHelp } from './help.ts'
import { explainError } from './terminal/errors.ts'
import type { Terminal } from './terminal/terminal.ts'

/** Runs one command line and returns its exit code: 0 ok, 1 failed, 2 invalid input or usage, 130 interrupted. */
export async function runCli(args: readonly string[], shared: Omit<Cli, 'engine'>): Promise<number> {
  let code = 0
  const engine = () => engineRequest(program.opts<EngineOptions>())
  const program: Command = createProgram({ ...shared, engine }, (given) => (code = given))
  try {
    await program.parseAsync(args.map(shieldId), { from: 'user' })
    return code
  } catch (error) {
    return error instanceof CommanderError ? usageCode(error) : tell(error, shared.terminal)
  }
}

/** All commands by the group that `antiphon --help` shows them in; a group is a folder of `commands/`. */
const GROUPS: { readonly [group: string]: readonly CommandRecord[] } = {
  Run: [
    runCommand,
    askCommand,
    runsCommand,
    showCommand,
    resumeCommand,
    cancelCommand,
    forkCommand,
    replayCommand,
    scheduleCommand,
  ],
  Agent: [agentCommand, chatCommand, threadsCommand],
  Answer: [inboxCommand, signalCommand, settleCommand, decideCommand, consentCommand, budgetCommand],
  Author: [
    initCommand,
    validateCommand,
    planCommand,
    toolsCommand,
    mcpCommand,
    modelsCommand,
    schemaCommand,
    completionCommand,
  ],
  Inspect: [
    statusCommand,
    auditCommand,
    costCommand,
    whyCommand,
    treeCommand,
    logsCommand,
    topCommand,
    poolsCommand,
    chainCommand,
    actorsCommand,
    deadLettersCommand,
    workflowsCommand,
  ],
  Data: [
    memoryCommand,
    filesCommand,
    ledgerCommand,
    forgetOwnerCommand,
    backupCommand,
    restoreCommand,
    gcCommand,
    cacheCommand,
    doctorCommand,
    migrateCommand,
  ],
  Serve: [serveCommand, uiCommand, keysCommand, hooksCommand, notifyCommand, clusterCommand],
}

/** The program with all commands and options; nothing has run. `exit` takes the exit code of the command that runs. */
export function createProgram(cli: Cli, exit: (code: number) => void = () => undefined): Command {
  const program = new Command('antiphon')
    .usage('[options] <command>')
    .description(
      'A durable runtime for AI pipelines, agents and questions.\nDetails and examples of a command: antiphon <command> --help',
    )
    .version(version(), '-V, --version', 'print the version')
  for (const option of ENGINE_OPTIONS) program.addOption(optionFor(option))
  program.option('--no-color', 'print without colours (also: $NO_COLOR)')
  for (const [group, records] of Object.entries(GROUPS)) {
    program.commandsGroup(group)
    for (const record of records) addCommand(program, record, cli, exit)
  }
  addCommand(program, ownCommand, cli, exit)
  configureCommand(program, cli.terminal)
  return program.configureHelp(overviewHelp())
}

/** Columns of a help that goes to a file or to another program. */
const HELP_COLUMNS = 80

function configureCommand(command: Command, terminal: Terminal): void {
  command.configureHelp(commandHelp()).helpOption('-h, --help', 'print this help')
  command.exitOverride().configureOutput({
    writeOut: (text) => terminal.out(text.trimEnd()),
    writeErr: (text) => terminal.say(text.trimEnd()),
    outputError: (text, write) =>
      write(text.replace(/command-argument value (.*) is invalid for argument '(.*)'/s, '<$2> $1 is invalid')),
    getOutHelpWidth: () => (terminal.outLive ? terminal.columns : HELP_COLUMNS),
  })
  if (command.commands.length > 0) {
    command.on('command:*', ([name]: readonly string[]) => refuseUnknown(command, name!))
    // for `antiphon NAME --help`, where commander prints the help of antiphon
    command.on('beforeHelp', () => checkCommandName(command))
  }
  for (const child of command.commands) configureCommand(child, terminal)
}

/** Refuses to print help for a command that does not exist. */
function checkCommandName(command: Command): void {
  const name = command.args.find((word) => word !== 'help')
  if (name !== undefined && !name.startsWith('-') && !command.commands.some((child) => child.name() === name))
    refuseUnknown(command, name)
}

function refuseUnknown(command: Command, name: string): never {
  const near = nearestWord(
    name,
    command.commands.map((child) => child.name()),
  )
  const isPipeline = command.parent === null && /\.ya?ml$/i.test(name)
  const hint = isPipeline
    ? `To run a pipeline: antiphon run ${name}`
    : near === undefined
      ? ''
      : `Did you mean ${near}?`
  command.error(`error: unknown command '${name}'${hint === '' ? '' : `\n  ${hint}`}`)
}

// A request for help or the version is not a mistake; every other error of commander is one.
function usageCode({ exitCode }: CommanderError): number {
  return exitCode === 0 ? 0 : 2
}

function tell(error: unknown, terminal: Terminal): number {
  const { text, exit } = explainError(error, terminal.folder)
  terminal.say(text)
  return exit
}
