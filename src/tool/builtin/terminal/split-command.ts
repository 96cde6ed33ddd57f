import { InvalidError } from '../../../errors.ts'

/** The words of a command, or the first syntax that only a shell understands. */
type SplitCommand = { readonly words: readonly string[] } | { readonly syntax: string }

/** Splits like a POSIX shell, with quotes and backslashes. Expands nothing. InvalidError for an open quote. */
export function splitCommand(command: string): SplitCommand {
  const words: string[] = []
  let word: string | undefined
  for (const token of tokensOf(command)) {
    if (token.type === 'syntax') return { syntax: token.text }
    if (token.type === 'space') {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + token.text
  }
  if (word !== undefined) words.push(word)
  return shellWord(words[0] ?? '', command) ?? { words }
}

/** The first syntax that needs a shell whatever its templates render to. Undefined if none is certain. */
export function findShellSyntax(written: string): string | undefined {
  if (written.includes('{%')) return undefined
  try {
    const split = splitCommand(written.replace(/\{\{.*?(?:\}\}|$)|\{#.*?(?:#\}|$)/gs, 'x'))
    return 'syntax' in split ? split.syntax : undefined
  } catch {
    // the value of a template may close a quote
    return undefined
  }
}

type Token = { readonly type: 'space' | 'text' | 'syntax'; readonly text: string }

const SPACE = /[ \t]+/y
const PLAIN = /[^\s'"\\|&;<>()$`*?[~#]+/y
const SINGLE = /'([^']*)'/y
const DOUBLE = /"((?:[^"\\]|\\.)*)"/sy
const ESCAPED = /\\(.)/sy
/** literal when alone: `$` before no name, `[` without a closing bracket, `~` or `#` inside a word */
const HARMLESS = /\$(?![\w{(@*#?$!'"-])|\[(?![^\s\]]{1,200}\])|(?<=\S)[~#]/y

function* tokensOf(command: string): Generator<Token> {
  for (let at = 0; at < command.length; ) {
    // line continuation
    if (command.startsWith('\\\n', at)) at += 2
    else {
      const { token, length } = tokenAt(command, at)
      yield token
      if (token.type === 'syntax') return
      at += length
    }
  }
}

function tokenAt(command: string, at: number): { readonly token: Token; readonly length: number } {
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at
    return pattern.exec(command)
  }
  const space = take(SPACE)
  if (space) return { token: { type: 'space', text: '' }, length: space[0].length }
  const double = take(DOUBLE)
  if (double) return { token: unquote(double[1]!), length: double[0].length }
  const text = take(PLAIN) ?? take(HARMLESS)
  if (text) return { token: { type: 'text', text: text[0] }, length: text[0].length }
  const quoted = take(SINGLE) ?? take(ESCAPED)
  if (quoted) return { token: { type: 'text', text: quoted[1]! }, length: quoted[0].length }
  checkQuote(command, at)
  return { token: { type: 'syntax', text: syntaxAt(command, at) }, length: 1 }
}

/** Inside double quotes, a shell still expands `$name` and backquotes. */
function unquote(inner: string): Token {
  const expansion = /(?:^|[^\\])(?:\\\\)*(`|\$(?=[\w{(@*#?$!-]))/.exec(inner)
  if (expansion) return { type: 'syntax', text: expansion[1]! }
  return { type: 'text', text: inner.replace(/\\(?:(["\\$`])|\n)/g, '$1') }
}

function checkQuote(command: string, at: number): void {
  const character = command[at]!
  if (!`'"\\`.includes(character)) return
  const what = character === '\\' ? 'a backslash ends the text' : `a quote (${character}) is not closed`
  throw new InvalidError(`command: ${what}, at character ${at + 1}`, { place: { path: 'command', column: at + 1 } })
}

function syntaxAt(command: string, at: number): string {
  if (command[at] === '\n') return 'a line break'
  return /^(&&|\|\||>>|<<|\|&|2>|[^\s])/.exec(command.slice(at, at + 2))?.[0] ?? command[at]!
}

const SHELL_WORDS =
  '. : alias bg break case cd command continue do done elif else eval exec exit export fg fi for function hash if jobs ' +
  'local read readonly return set shift source then times trap type ulimit umask unalias unset until wait while { }'

/** A shell builtin cannot run as a program. */
function shellWord(first: string, command: string): SplitCommand | undefined {
  const assignment = /^[A-Za-z_]\w*\+?=/.exec(first)
  if (assignment && command.trimStart().startsWith(assignment[0])) return { syntax: assignment[0] }
  return SHELL_WORDS.split(' ').includes(first) ? { syntax: first } : undefined
}
