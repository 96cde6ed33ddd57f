import { Command, CommanderError } from 'commander'
import { version } from '../lib/package/manifest.ts'
import { nearestWord } from '../lib/suggest.ts'
import { shieldId } from './arguments/dashed-ids.ts'
import { ENGINE_OPTIONS, type EngineOptions, engineRequest } from './arguments/options.ts'
import { addCommand, type Cli, type CommandRecord, optionFor } from './cli.ts'
import { loadCommands } from './command-list.ts'
import { commandHelp, overviewHelp } from './help.ts'
import { explainError } from './terminal/errors.ts'
import type { Terminal } from './terminal/terminal.ts'

/** Runs one command line and returns its exit code: 0 ok, 1 failed, 2 invalid input or usage, 130 interrupted. */
export async function runCli(args: readonly string[], shared: Omit<Cli, 'engine'>): Promise<number> {
  let code = 0
  const engine = () => engineRequest(program.opts<EngineOptions>())
  const loaded = await loadCommands(args)
  const program: Command = createProgram({ ...shared, engine }, loaded, (given) => (code = given))
  try {
    await program.parseAsync(args.map(shieldId), { from: 'user' })
    return code
  } catch (error) {
    return error instanceof CommanderError ? usageCode(error) : tell(error, shared.terminal)
  }
}

/**
 * The program with these commands, by the group that help shows them in, and all options; nothing has run. `exit` takes
 * the exit code of the command that runs.
 */
export function createProgram(
  cli: Cli,
  groups: { readonly [group: string]: readonly CommandRecord[] },
  exit: (code: number) => void = () => undefined,
): Command {
  const program = new Command('antiphon')
    .usage('[options] <command>')
    .description(
      'A durable runtime for workflows, agents and pipelines.\nDetails and examples of a command: antiphon <command> --help',
    )
    .version(version(), '-V, --version', 'print the version')
  for (const option of ENGINE_OPTIONS) program.addOption(optionFor(option))
  program.option('--no-color', 'print without colours (also: $NO_COLOR)')
  for (const [group, records] of Object.entries(groups)) {
    program.commandsGroup(group)
    for (const record of records) addCommand(program, record, cli, exit)
  }
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
const usageCode = ({ exitCode }: CommanderError): number => (exitCode === 0 ? 0 : 2)

function tell(error: unknown, terminal: Terminal): number {
  const { text, exit } = explainError(error, terminal.folder)
  terminal.say(text)
  return exit
}
