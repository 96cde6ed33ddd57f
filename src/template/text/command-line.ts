/** Quotes a text as one word of a POSIX shell. */
export const quoteWord = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** Why a value is not allowed at a place of a command line. */
export type CommandFault = { readonly message: string; readonly hint: string }

/** Tracks the quotes of a command line while it is written, so that each value stays within one argument. */
export type CommandLine = {
  /** tracks text of the author */
  text(text: string): void
  /** the text to write for a value; `quoted`: the author wrote `| quote` */
  value(value: string, quoted: boolean): { readonly written: string } | CommandFault
}

/** An empty command line. */
export function createCommandLine(): CommandLine {
  let place: QuotePosition = { context: 'bare', last: ' ' }
  return {
    text(text) {
      for (const character of text) place = follow(place, character)
    },
    value(value, quoted) {
      const { context, last } = place
      if (last === '$' || (context !== 'bare' && context !== 'single' && context !== 'double')) return UNPROTECTED_FAULT
      if (quoted && context !== 'bare') return QUOTED_TWICE_FAULT
      place = { context, last: 'x' }
      return { written: quoted ? value : ESCAPES[context](value) }
    },
  }
}

const UNPROTECTED_FAULT: CommandFault = {
  message: 'quotes do not protect a value at this place of a command',
  hint: 'pass the value in `env:` and read the variable in the command',
}
const QUOTED_TWICE_FAULT: CommandFault = {
  message: '`| quote` is inside quotes',
  hint: 'remove the quotes around the template',
}

const ESCAPES = {
  bare: quoteWord,
  single: (value: string) => value.replaceAll("'", "'\\''"),
  double: (value: string) => value.replace(/[\\"$`]/g, '\\$&'),
}

/**
 * `other`: here-documents, backquotes, arithmetic and expansions inside double quotes expand their content; after their
 * start no place counts as safe.
 */
type QuoteContext = 'bare' | 'single' | 'double' | 'escaped' | 'escaped in double' | 'comment' | 'other'
type QuotePosition = { readonly context: QuoteContext; readonly last: string }

function follow({ context, last }: QuotePosition, character: string): QuotePosition {
  const next = nextContext(context, last, character)
  // an escaped character does not escape the next one
  return { context: next, last: context.startsWith('escaped') ? 'x' : character }
}

function nextContext(context: QuoteContext, last: string, character: string): QuoteContext {
  switch (context) {
    case 'bare':
      return fromBare(last, character)
    case 'single':
      return character === "'" ? 'bare' : 'single'
    case 'double':
      return fromDouble(last, character)
    case 'escaped':
      return 'bare'
    case 'escaped in double':
      return 'double'
    case 'comment':
      return character === '\n' ? 'bare' : 'comment'
    case 'other':
      return 'other'
  }
}

function fromBare(last: string, character: string): QuoteContext {
  if (character === '\\') return 'escaped'
  if (character === '"') return 'double'
  if (character === '#' && /[\s;&|()]/.test(last)) return 'comment'
  if (character === '`') return 'other'
  if (character === "'") return last === '$' ? 'other' : 'single'
  if ((character === '{' || character === '[') && last === '$') return 'other'
  if (character === '(' && last === '(') return 'other'
  return character === '<' && last === '<' ? 'other' : 'bare'
}

function fromDouble(last: string, character: string): QuoteContext {
  if (character === '\\') return 'escaped in double'
  if (character === '"') return 'bare'
  return character === '`' || (last === '$' && '({['.includes(character)) ? 'other' : 'double'
}
