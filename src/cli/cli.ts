/**
 * The command line. A command is a record in `commands/GROUP/`, and `program.ts` lists the groups. A command works
 * through a client, in the process that owns the data folder or at a server, and prints what it gets. `connect/`
 * finds that process, `render/` and `progress/` draw, and `terminal/` is the only way to the screen. This file holds
 * what every command receives, and what a command is.
 */

import { Argument, Command, Option } from 'commander'
import type { Config, ConfigRequest } from '../config/config.ts'
import type { EngineOverrides } from '../config/engine.ts'
import type { FolderSetup } from '../http/server/join-folder.ts'
import type { LogConfig } from '../observe/log/settings.ts'
import type { RuntimeParts } from '../runtime/open/parts.ts'
import type { MachineSettings } from '../worker/scaling/machine.ts'
import { unshield } from './arguments/dashed-ids.ts'
import { namingOptions } from './arguments/naming-options.ts'
import type { Terminal } from './terminal/terminal.ts'

/** The services that all commands share. */
export interface Cli {
  readonly terminal: Terminal
  readonly configure: Configure
  /** the engine that the command line selects, if any */
  engine(): EngineOverrides
  /** how to start this program again: its executable and first arguments */
  readonly self: readonly string[]
}

/** Reads the configuration of a folder, an absolute path; InvalidError when it is wrong. */
export type Configure = (where: ConfigRequest) => Promise<Setup>

/** A configuration that can be opened, by the owner of the folder or by claiming it; `data` is absolute. */
export type Setup = FolderSetup &
  Pick<Config, 'durability' | 'embedder' | 'ledger' | 'media' | 'memory' | 'notify' | 'replica' | 'sandbox'> &
  Partial<Pick<Config, 'folder' | 'use'>> & {
    /** settings that override the detected machine; absent: none */
    readonly machine?: MachineSettings
    /** the domains and phases with the place of their files, and the program of the project; absent: none */
    readonly ofChain?: Pick<Config, 'domains' | 'phases' | 'chain' | 'folder' | 'file' | 'app'>
    /** Loads the workflows, tools and agents of the program that antiphon.yaml names; absent: there is none. */
    program?(): Promise<RuntimeParts>
  }

/** The configuration where this command runs. Only commands that serve write log lines. */
export function loadSetup(
  cli: Cli,
  data: string | undefined,
  engine = cli.engine(),
  { metrics, ...log }: LogConfig & Pick<ConfigRequest, 'metrics'> = { log: 'none' },
): Promise<Setup> {
  const { folder, environment } = cli.terminal
  const given = { ...(data !== undefined && { data }), ...(metrics !== undefined && { metrics }) }
  return cli.configure({ folder, environment, engine, log, ...given })
}

/** An argument of a command: its term in the usage line, its help, and how its value is read. */
export type ArgumentRecord = readonly [term: string, about: string, rules?: ValueRules]

/** An option of a command: its flags, its help, and how its value is read. */
export type OptionRecord = readonly [flags: string, about: string, rules?: OptionRules]

type ValueRules = {
  readonly choices?: readonly string[]
  /** reads the text; `earlier` is the value so far, if the option is repeated */
  readonly parse?: (given: string, earlier: never) => unknown
  readonly default?: unknown
  /** the default, as help shows it */
  readonly shown?: string
}
type OptionRules = ValueRules & { readonly required?: true; readonly conflicts?: string | readonly string[] }

/** Where a command works: in a data folder, or also at a server. Without a place it uses neither. */
type Place = 'folder' | 'server'

/** A command of the command line. Its help, usage errors and completion come from this record. */
export type CommandRecord = {
  readonly name: string
  /** the first sentence is the line that a list of commands shows */
  readonly about: string
  readonly args?: readonly ArgumentRecord[]
  readonly options?: readonly OptionRecord[]
  readonly at?: Place
  /** more help, before the examples */
  readonly notes?: string
  /** command lines, without the name of the program */
  readonly examples?: readonly string[]
  readonly commands?: readonly CommandRecord[]
  /** `default`: the command that its group runs · `hidden`: help does not list it */
  readonly role?: 'default' | 'hidden'
  /** whether it takes more arguments than these */
  readonly excess?: true
  /** Returns the exit code. It gets the values of the arguments and options, and then the parsed command. */
  readonly run?: (cli: Cli, ...given: never) => Promise<number> | number
}

/** Where a command works: in a data folder of this machine, or at a server with a key. */
export type ConnectionTarget = {
  readonly data?: string | undefined
  readonly server?: string | undefined
  readonly key?: string | undefined
}

/** The options of a command that say where it works. */
export const targetOf = ({ data, server, key }: ConnectionTarget): ConnectionTarget => ({ data, server, key })

/** A command whose `run` takes the values that its arguments and options yield. */
export function command<
  const Args extends readonly ArgumentRecord[] = [],
  const Options extends readonly OptionRecord[] = [],
  const At extends Place | undefined = undefined,
>(
  record: Omit<CommandRecord, 'args' | 'options' | 'at' | 'run'> & {
    readonly args?: Args
    readonly options?: Options
    readonly at?: At
    readonly run?: (
      cli: Cli,
      ...given: [...ArgumentsOf<Args>, OptionsOf<Options> & TargetOf<At>, Command]
    ) => Promise<number> | number
  },
): CommandRecord {
  return record as CommandRecord
}

type TargetOf<At> = At extends 'server' ? ConnectionTarget : At extends 'folder' ? { readonly data?: string } : unknown

/** Adds a command to the program or to a group, as commander parses and prints it. `exit` takes the exit code. */
export function addCommand(above: Command, record: CommandRecord, cli: Cli, exit: (code: number) => void): void {
  const { name, about, args = [], options = [], at, notes, examples, commands = [], role, excess, run } = record
  const command = new Command(name).description(about)
  for (const one of args) command.addArgument(withRules(new Argument(one[0], one[1]), one[2]))
  for (const one of [...options, ...(at === undefined ? [] : OPTIONS_AT[at])]) command.addOption(optionFor(one))
  for (const below of commands) addCommand(command, below, cli, exit)
  if (notes !== undefined) command.addHelpText('after', notes)
  if (examples) command.addHelpText('after', exampleText(examples))
  if (excess) command.allowExcessArguments()
  if (run)
    command.action(async (...given) =>
      exit(await namingFaults(record, () => run(cli, ...(given.map(unshield) as never)))),
    )
  above.addCommand(command, { hidden: role === 'hidden', isDefault: role === 'default' })
}

async function namingFaults<Code>({ options = [], args = [] }: CommandRecord, run: () => Promise<Code> | Code) {
  try {
    return await run()
  } catch (error) {
    throw namingOptions(
      error,
      [...options, ...args].map(([term]) => term),
    )
  }
}

export function optionFor([flags, about, rules = {}]: OptionRecord): Option {
  const { required = false, conflicts = [] } = rules
  return withRules(new Option(flags, about), rules).makeOptionMandatory(required).conflicts([conflicts].flat())
}

function withRules<Built extends Argument | Option>(
  built: Built,
  { choices, parse, default: otherwise, shown }: ValueRules = {},
): Built {
  if (choices) built.choices(choices)
  if (parse) built.argParser((given, earlier) => parse(unshield(given) as string, earlier as never))
  if (otherwise !== undefined || shown !== undefined) built.default(otherwise, shown)
  return built
}

const DATA_OPTION: OptionRecord = ['--data <dir>', 'the data folder (default: .antiphon, or $ANTIPHON_DATA)']

export const SERVER_OPTIONS = [
  ['--server <url>', 'use this server instead of a data folder', { conflicts: 'data' }],
  ['--key <token>', 'API key for the server (default: $ANTIPHON_KEY, which is safer)'],
] as const satisfies readonly OptionRecord[]

const OPTIONS_AT: { readonly [place in Place]: readonly OptionRecord[] } = {
  folder: [DATA_OPTION],
  server: [DATA_OPTION, ...SERVER_OPTIONS],
}

function exampleText(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((line) => `  $ antiphon ${line}`).join('\n')}\n`
}

/** The values of arguments, as `run` gets them. */
export type ArgumentsOf<Args extends readonly ArgumentRecord[]> = {
  -readonly [Index in keyof Args]: ArgumentValue<Args[Index]>
}

type ArgumentValue<One extends ArgumentRecord> =
  | ValueOf<One[0], RulesOf<One>>
  | (One[0] extends `[${string}...]` ? never : One[0] extends `[${string}` ? WithoutDefault<RulesOf<One>> : never)

/** The values of options, by name. */
export type OptionsOf<Options extends readonly OptionRecord[]> = {
  readonly [One in Options[number] as IsPresent<One, Options> extends true ? never : NameOf<One[0]>]?: OptionValue<One>
} & {
  readonly [One in Options[number] as IsPresent<One, Options> extends true ? NameOf<One[0]> : never]: OptionValue<One>
}

type RulesOf<One> = One extends readonly [string, string, infer Rules] ? Rules : unknown
type WithoutDefault<Rules> = Rules extends { readonly default: unknown } ? never : undefined
type IsPresent<
  One extends OptionRecord,
  All extends readonly OptionRecord[],
> = One[0] extends `${string}--no-${infer Long}`
  ? `--${Long}` extends All[number][0]
    ? false
    : true
  : RulesOf<One> extends { readonly default: unknown } | { readonly required: true }
    ? true
    : false

type OptionValue<One extends OptionRecord> = One[0] extends `${string}${'<' | '['}${string}`
  ? ValueOf<One[0], RulesOf<One>> | (One[0] extends `${string} [${string}` ? true : never)
  : boolean

type ValueOf<Term extends string, Rules> = Rules extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : Rules extends { readonly parse: (...given: never[]) => infer Value }
    ? Value
    : Term extends `${string}...${string}`
      ? string[]
      : string

/** `-i, --from-step <step>` is `fromStep`, and `--no-auth` is `auth`. */
type NameOf<Flags extends string> = Flags extends `${string}--${infer Long} ${string}`
  ? CamelCase<Long>
  : Flags extends `${string}--no-${infer Long}`
    ? CamelCase<Long>
    : Flags extends `${string}--${infer Long}`
      ? CamelCase<Long>
      : never
type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name
