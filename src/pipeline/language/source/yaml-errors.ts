import { type Document, isMap, isScalar, type YAMLError } from 'yaml'
import type { FindingCode } from '../../../run/finding.ts'
import { eachNode } from '../../../yaml/parse.ts'
import type { SourceMap } from './source-map.ts'

/** A YAML error and its offset. */
type YamlFault = {
  readonly code: FindingCode
  readonly message: string
  readonly hint?: string
  readonly at: number
}

/**
 * Rewrites YAML syntax errors in words that help an author. After the first error the parser is out of sync, so only
 * independent errors are added: duplicate keys, invalid escapes, unquoted templates.
 */
export function syntaxFaults({ document, text, where }: ParsedYaml): readonly YamlFault[] {
  const bare = bareTemplates(document, text).map((at) => ({ ...UNQUOTED_TEMPLATE, at }))
  const lines = new Set(bare.map(({ at }) => where(at).line))
  const errors = [...document.errors].sort((a, b) => a.pos[0] - b.pos[0])
  const first = errors.find(({ code }) => !INDEPENDENT_ERRORS.includes(code))
  const shown = errors
    .filter((error) => error === first || INDEPENDENT_ERRORS.includes(error.code))
    .slice(0, MAX_SYNTAX_FAULTS)
  const faults = shown.map((error) => faultOf(error, document, text))
  const others = [...bare, ...tagFaults(document), ...strangeBlanks(document)]
  return [...faults.filter(({ at }) => !lines.has(where(at).line)), ...others].slice(0, MAX_SYNTAX_FAULTS)
}

/** Maximum reported faults of one text. */
const MAX_SYNTAX_FAULTS = 1_000

/** A parsed text, and a function that finds positions in it. */
type ParsedYaml = Pick<SourceMap, 'text' | 'where'> & { readonly document: Document.Parsed }

const INDEPENDENT_ERRORS: readonly string[] = ['DUPLICATE_KEY', 'BAD_DQ_ESCAPE']

// templates without quotes

const QUOTE_HINT = 'Put the value in quotes: "{{ name }}"'
const UNQUOTED_TEMPLATE = {
  code: 'yaml_syntax',
  message: 'YAML reads a value that starts with {{ as a map, not as a template',
  hint: QUOTE_HINT,
} as const

function bareTemplates({ contents }: Document.Parsed, text: string): readonly number[] {
  const found: number[] = []
  eachNode(contents, (node, isKey) => {
    const start = isKey && isMap(node) && node.flow ? node.range?.[0] : undefined
    if (start !== undefined && text[start - 1] === '{') found.push(start - 1)
  })
  return found
}

// non-breaking blanks, which YAML reads as letters; they come from a web page or a document

const BLANK = '[\u00a0\u2000-\u200b\u202f\u3000]'
const BEGINS_BLANK = new RegExp(`^${BLANK}`)

function strangeBlanks({ contents }: Document.Parsed): readonly YamlFault[] {
  const found: YamlFault[] = []
  eachNode(contents, (node, isKey) => {
    if (!isKey || !isScalar(node) || node.type !== 'PLAIN' || !BEGINS_BLANK.test(String(node.value))) return
    found.push({ ...STRANGE_BLANK, at: node.range![0] })
  })
  return found
}

const STRANGE_BLANK = {
  code: 'yaml_syntax',
  message: 'this line is indented with a character that is not a space, such as a no-break space',
  hint: 'Indent with spaces.',
} as const

// YAML tags would change the meaning of a value, so they are not ignored

function tagFaults({ warnings }: Document.Parsed): readonly YamlFault[] {
  return warnings.map(({ message, pos }) => {
    const tag = message.replace(/^.*?: (?:tag:yaml\.org,2002:(?=.))?/, '')
    return {
      code: 'yaml_syntax',
      message: `to YAML ${tag.startsWith('!') ? tag : `!!${tag}`} is a YAML tag, and pipelines do not support such tags`,
      hint: 'Quote the value if the `!` belongs to it, else remove the tag.',
      at: pos[0],
    }
  })
}

// the parser's messages, for people

type Explanation = readonly [sign: RegExp, message: string, hint?: string]

/** Explanations by the look of the line. */
const LINE_EXPLANATIONS: readonly Explanation[] = [
  [
    new RegExp(`^\\s*(?:- +)?[\\w-]+:${BLANK}`),
    'the blank after this colon is not a space; it may be a no-break space',
    'Replace it with a space.',
  ],
  [
    /^\s*\{[%#]/,
    'a {% %} line is outside the text it belongs to',
    'Indent the `{% %}` line like the text it belongs to.',
  ],
  [/(?::|-)\s+\{%/, 'YAML reads a value that starts with {% as a map, not as a template', QUOTE_HINT],
  [
    /(?::|-)\s+[|>][-+\d]*\s+[^\s#]/,
    'a text after | or > starts on the next line',
    'Move it there, and indent it deeper than its key.',
  ],
  [/^\s*-\w[\w-]*:(?:\s|$)/, 'a list item starts with `- `', 'Put a space after the dash.'],
  [
    /:\s+'[^']*'\w/,
    'a text in single quotes ends at the next single quote',
    "Write '' for a quote, or put the text in double quotes.",
  ],
  [/[:,[{-]\s*[“”„‘’]/, 'YAML does not read a curly quote as a quote', 'Write " or \'.'],
]

const INDENT_EXPLANATION: readonly [string, string] = [
  'the indentation of this line matches no level around it',
  'Indent the keys of a map alike, and the `- ` of a list.',
]

/** `$1` is the text that the pattern has matched. */
const ERROR_EXPLANATIONS: readonly Explanation[] = [
  [/^DUPLICATE_KEY/, 'this key appears twice in the same map', 'Keep one of them.'],
  [/^MULTIPLE_DOCS/, 'a second YAML document starts here; a pipeline is one document', 'Move it into a separate file.'],
  [/^TAB_AS_INDENT/, 'this line is indented with a tab', 'Indent with spaces.'],
  [/^MISSING_CHAR Missing closing (["'])/, 'this text in quotes is not closed', 'Close it with `$1`.'],
  [/^\w+ Flow map .*end with a \}/, 'this map is not closed', 'Close it with `}`.'],
  [/^\w+ Flow sequence .*end with a \]/, 'this list is not closed', 'Close it with `]`.'],
  [/same column|^MISSING_CHAR Sequence item|^BLOCK_AS\w+ A block seq/, ...INDENT_EXPLANATION],
  [
    /^BLOCK_AS_IMPLICIT_KEY/,
    'this line has a second `: `, so YAML reads the value as a map',
    'Put a text that contains `: ` in quotes.',
  ],
  [
    /^MULTILINE_IMPLICIT_KEY|^MISSING_CHAR Implicit map keys/,
    'expected `key: value`',
    'Write `: ` after a key. Indent the lines of a text under `|` or `>` deeper than its key.',
  ],
  [/^BAD_SCALAR_START .* (\S)$/, 'a value cannot start with $1', 'Put the value in quotes.'],
  [
    /^BAD_DQ_ESCAPE [^\\]*(\\.)/,
    '$1 is not an escape in double quotes',
    'Write two backslashes, or put the text in single quotes.',
  ],
  [
    /^MISSING_CHAR Missing , |^BLOCK_IN_FLOW/,
    'a comma is missing here',
    'Separate values in `{ }` or `[ ]` with commas. Do not start lines there with `- ` or a separate `key:`.',
  ],
  [/^UNEXPECTED_TOKEN .*flow-(?:map|seq)-end/, 'this closes nothing', 'Remove it, or add the opening bracket.'],
  [
    /at node end$|^UNEXPECTED_TOKEN .*token in YAML stream/,
    'the value before this is complete, so nothing may follow it',
    'Put the whole value in quotes. Use single quotes if it contains double quotes.',
  ],
]

/** Matches from a value down to a line with a colon, which makes YAML read everything before it as a key. */
const KEY_BELOW = /(?:(?:[^\n:]|:(?!\s))*\n)+[^\S\n]*(?=[^\n]*:(?:\s|$))/y
const DEEPER_LINE = {
  code: 'yaml_syntax',
  message: 'this line is indented deeper than the key above it, so YAML reads it as part of that value',
  hint: 'Indent keys alike. Put a text of several lines in quotes or under `|`.',
} as const

function faultOf({ code, message, pos }: YAMLError, document: Document.Parsed, text: string): YamlFault {
  const line = lineAround(text, pos[0])
  const said = `${code} ${message}`
  const shown = LINE_EXPLANATIONS.find(([sign]) => sign.test(line))
  KEY_BELOW.lastIndex = pos[0]
  if (!shown && code === 'BLOCK_AS_IMPLICIT_KEY' && KEY_BELOW.test(text))
    return { ...DEEPER_LINE, at: KEY_BELOW.lastIndex }
  const saying = shown ?? ERROR_EXPLANATIONS.find(([sign]) => sign.test(said))
  const fill = (words: string) => words.replace('$1', () => saying![0].exec(said)?.[1] ?? '')
  const hint = /<AUTO/.test(line) ? 'Put the value in quotes.' : saying?.[2] && fill(saying[2])
  return {
    code: code === 'DUPLICATE_KEY' ? 'yaml_duplicate_key' : 'yaml_syntax',
    message: saying ? fill(saying[1]) : message,
    ...(hint && { hint }),
    at: saying?.[1].endsWith('is not closed') ? openingOf(document, text, pos[0]) : pos[0],
  }
}

/** The line at an offset; of a very long line only the part near it. */
function lineAround(text: string, at: number): string {
  const before = text.slice(Math.max(0, at - MAX_LINE_CHARACTERS), at)
  const behind = text.slice(at, at + MAX_LINE_CHARACTERS)
  return before.slice(before.lastIndexOf('\n') + 1) + behind.split('\n', 1)[0]!
}

const MAX_LINE_CHARACTERS = 1_000

/** The offset of the innermost text, list or map that is still open. */
function openingOf({ contents }: Document.Parsed, text: string, end: number): number {
  let found: number | undefined
  eachNode(contents, ({ range }) => {
    const [start, stop] = range ?? [end, end]
    const closer = CLOSERS[text[start] ?? '']
    if (start < end && closer !== undefined && (stop - start < 2 || text[stop - 1] !== closer)) found = start
  })
  return found ?? end
}

const CLOSERS: { readonly [opener: string]: string | undefined } = { '"': '"', "'": "'", '{': '}', '[': ']' }
