import type { Argument, Command, Option } from 'commander'
import { quoteWord } from '../../template/text/command-line.ts'
import { summaryOf } from '../help.ts'

/** The values that a shell can offer. */
export type Values =
  | { readonly type: 'any' | 'file' | 'folder' }
  | { readonly type: 'choice'; choices: readonly string[] }

/** An option, as a shell completes it; without `values` it takes none. */
export type OptionWords = {
  readonly long: string
  readonly short?: string
  readonly description: string
  readonly values?: Values
}

/** A command, as a shell completes it; `path` is empty for the program itself. */
export type CommandWords = {
  readonly path: string
  readonly commands: readonly { readonly name: string; readonly description: string }[]
  readonly options: readonly OptionWords[]
  /** the kind of its arguments, if a shell can complete them */
  readonly values?: Values
}

/** The cases of a shell script for the values of options: `begins` begins a pattern, `offer` offers values. */
export const valueCases = (begins: string, offer: (values: Values) => string) => (words: CommandWords) =>
  words.options.flatMap((option) => {
    if (!option.values) return []
    const patterns = namesOf(option).map((name) => quoteWord(`${pathBefore(words)} ${name}`))
    return [`    ${begins}${patterns.join('|')}) ${offer(option.values)} return ;;`]
  })

export const pathBefore = ({ path }: CommandWords) => (path === '' ? '' : ` ${path}`)
export const namesOf = ({ long, short }: OptionWords) => (short === undefined ? [long] : [short, long])

/** The program and all its commands, without `help` and hidden ones. */
export function completionTree(program: Command): readonly CommandWords[] {
  const shared = optionsOf(program).filter(({ long }) => long !== '--version' && long !== '--help')
  const [root, ...rest] = wordsBelow(program, [])
  return [root!, ...rest.map((words) => ({ ...words, options: [...words.options, ...shared] }))]
}

function wordsBelow(command: Command, names: readonly string[]): readonly CommandWords[] {
  const children = command.createHelp().visibleCommands(command)
  const values = command.registeredArguments.map(valuesOf).find(({ type }) => type !== 'any')
  const words = {
    path: names.join(' '),
    commands: children.map((child) => ({ name: child.name(), description: summaryOf(child) })),
    options: optionsOf(command),
    ...(values && { values }),
  }
  return [words, ...children.flatMap((child) => wordsBelow(child, [...names, child.name()]))]
}

function optionsOf(command: Command): readonly OptionWords[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short, description, ...option }) => ({
      long: long!,
      description,
      ...(short && { short }),
      ...((option.required || option.optional) && { values: valuesOf(option) }),
    }))
}

const FILES = /<(file|path)>/
const FOLDERS = /<dir>/

/** The kind of a value follows from its choices or from the name of its placeholder. */
function valuesOf(given: Argument | Pick<Option, 'argChoices' | 'flags'>): Values {
  if (given.argChoices) return { type: 'choice', choices: given.argChoices }
  const placeholder = 'flags' in given ? given.flags : `<${given.name()}>`
  if (FILES.test(placeholder)) return { type: 'file' }
  return FOLDERS.test(placeholder) ? { type: 'folder' } : { type: 'any' }
}
