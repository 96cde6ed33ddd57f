import type { ShellPlace, ShellReader } from './shell-reader.ts'
import { createShellReader, linesOf, readCharacter, readValue } from './shell-reader.ts'

/** Quotes a text as one word of a POSIX shell. */
export const quoteWord = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** Why a value is not allowed at a place of a command line. */
export type CommandFault = { readonly message: string; readonly hint: string }

/** Tracks the quotes of a command line while it is written, so that each value stays within one argument. */
export type CommandLine = {
  /** tracks text of the author; `at`: its place in the template, absent: behind what was tracked */
  text(text: string, at?: ShellPlace): void
  /** the text to write for a value; `quoted`: the author wrote `| quote` */
  value(value: string, quoted: boolean): { readonly written: string } | CommandFault
  /** how many lines have a command so far */
  lines(): number
}

export function createCommandLine(): CommandLine {
  const reader = createShellReader()
  return {
    text(text, at) {
      if (at) Object.assign(reader.at, at)
      for (const character of text) readCharacter(reader, character)
    },
    value(value, quoted) {
      const place = placeIn(reader)
      readValue(reader)
      if ('message' in place) return place
      const { context, opened } = place
      if (quoted && context !== 'command') return quotedTwice(opened)
      return { written: quoted ? value : ESCAPES[context](value) }
    },
    lines: () => linesOf(reader),
  }
}

const ESCAPES = {
  command: quoteWord,
  single: (value: string) => value.replaceAll("'", "'\\''"),
  double: (value: string) => value.replace(/[\\"$`]/g, '\\$&'),
}

/** The construct that a value stands in, if quotes protect it there. `opened`: where it was opened, in words. */
function placeIn(
  reader: ShellReader,
): { readonly context: keyof typeof ESCAPES; readonly opened: string } | CommandFault {
  const { frames, last, isEscaped, delimiter, at } = reader
  const before = { line: at.line, column: at.column - 1 }
  if (isEscaped) return unprotected('behind `\\`', before)
  if (delimiter) return unprotected('behind `<<`', before)
  // the outermost construct that is no command
  const from = frames.findIndex(({ type }) => type !== 'command')
  const { type } = frames.at(-1)!
  if (from === -1) return last === '$' ? unprotected('behind `$`', before) : { context: 'command', opened: '' }
  const outer = frames[from]!
  const openers = frames.slice(from).map(({ opener }) => opener)
  if (from === frames.length - 1 && (type === 'single' || type === 'double'))
    return last === '$' && type === 'double'
      ? unprotected('behind `$`', before)
      : { context: type, opened: placeOf(outer.at) }
  return unprotected(`inside \`${openers.join('')}\``, outer.at)
}

const placeOf = ({ line, column }: ShellPlace) => `at line ${line}, column ${column} of the command`

const unprotected = (where: string, at: ShellPlace): CommandFault => ({
  message: `quotes do not protect a value ${where} ${placeOf(at)}`,
  hint: 'Pass the value in `env:` and read the variable in the command.',
})

const quotedTwice = (opened: string): CommandFault => ({
  message: `\`| quote\` is inside quotes, which were opened ${opened}`,
  hint: 'Remove the quotes around the template.',
})
