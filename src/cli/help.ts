import { type Command, Help, type HelpConfiguration, type Option } from 'commander'

/** The help of one command: its options come first, the options of all commands last. */
export function commandHelp(): HelpConfiguration {
  return { showGlobalOptions: true, subcommandDescription: summaryOf, optionDescription, visibleCommands }
}

/** Choices and default stand in one pair of parentheses. */
function optionDescription({ description, argChoices, defaultValue, defaultValueDescription }: Option): string {
  const given = defaultValueDescription ?? (defaultValue === undefined ? undefined : String(defaultValue))
  const notes = [...(argChoices ? [argChoices.join(', ')] : []), ...(given === undefined ? [] : [`default: ${given}`])]
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`
}

/** Every command takes --help; the command `help` works too, but is not listed. */
function visibleCommands(command: Command): Command[] {
  return Help.prototype.visibleCommands.call(new Help(), command).filter((child) => child.name() !== 'help')
}

/** The first sentence of a description: the line that a list of commands shows. */
export const summaryOf = (command: Command): string => command.description().replace(/\.(\s.*)?$/s, '')

/** The help of the program: one line for each command, with the name of its group in front of the first one. */
export const overviewHelp = (): HelpConfiguration => ({ ...commandHelp(), formatHelp: formatOverview })

function formatOverview(program: Command, helper: Help): string {
  const groups = Map.groupBy(helper.visibleCommands(program), (command) => command.helpGroup())
  const widths = [longest(groups.keys()), longest(program.commands.map((command) => command.name()))] as const
  const options = helper.visibleOptions(program)
  const terms = options.map((option) => helper.optionTerm(option))
  return [
    `Usage: ${helper.commandUsage(program)}`,
    `\n${program.description()}\n`,
    ...[...groups].flatMap(([group, commands]) =>
      commands.map((command, place) => lineOf(place === 0 ? group : '', command, widths)),
    ),
    '\nOptions:',
    ...options.map((option, place) => `  ${terms[place]!.padEnd(longest(terms))}  ${helper.optionDescription(option)}`),
    '',
  ].join('\n')
}

function lineOf(group: string, command: Command, [groupWidth, nameWidth]: readonly [number, number]): string {
  return `  ${group.padEnd(groupWidth)}  ${command.name().padEnd(nameWidth)}  ${summaryOf(command)}`
}

const longest = (texts: Iterable<string>) => Math.max(...[...texts].map((text) => text.length))
