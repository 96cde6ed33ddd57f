import { type Document, isMap, LineCounter, parseDocument, visit, type YAMLError } from 'yaml'
import type { Json } from '../../kernel/schema.ts'
import { type Finding, formatPath, type Path, type Position, type Report, severityOf } from '../findings.ts'
import { measure } from './measure.ts'
import { type Places, placeOf, positionIn } from './places.ts'
import { protectTags } from './protect.ts'

/** A document as plain data, that can still say where each piece of it stands. */
export type Source = {
  readonly file: string
  readonly value: Json
  readonly report: Report
  readonly findings: Finding[]
  locate(path: Path): Position
}

const LONGEST = 1024 * 1024

/** Reads YAML 1.2 (core; `<<` merges). What is wrong with it lies in `findings`; then the value is null. */
export function readYaml(text: string, file: string): Source {
  const findings: Finding[] = []
  if (text.length > LONGEST) {
    findings.push({ code: 'too_large', severity: 'error', message: `${file} is larger than 1 MiB`, file })
    return { file, value: null, report: () => {}, findings, locate: () => ({ line: 1, column: 1 }) }
  }
  const { document, ...places } = parse(text)
  for (const error of telling(document.errors))
    findings.push({ ...syntaxFinding(error, places.text), file, ...places.where(error.pos[0]) })
  for (const offset of unquotedTemplates(document, places.text))
    findings.push({ ...UNQUOTED, file, ...places.where(offset) })
  const report = reporter(places, file, findings)
  const value = findings.length > 0 ? null : dataOf(document, places, report)
  return { file, value, report, findings, locate: (path) => placeOf(places, path, false) }
}

// parsing: as it is, and where tags break it with these in quotes

type Parsed = Places & { readonly document: Document.Parsed }

function parse(text: string): Parsed {
  const plain = parseAs(text, [])
  if (!text.includes('<AUTO') || !isBroken(plain)) return plain
  const { text: quoted, added } = protectTags(text)
  const better = parseAs(quoted, added)
  return better.document.errors.length === 0 ? better : plain
}

function parseAs(text: string, added: readonly number[]): Parsed {
  const lines = new LineCounter()
  const options = { version: '1.2', schema: 'core', merge: true, prettyErrors: false, logLevel: 'error' } as const
  const document = parseDocument(text, { ...options, lineCounter: lines })
  const where = (offset: number) => {
    const position = positionIn(lines, offset)
    const shift = added.filter((at) => at < offset && at >= offset - position.column + 1).length
    return { ...position, column: Math.max(1, position.column - shift) }
  }
  return { document, root: document.contents, text, where }
}

/** Whether a tag was taken apart: into a key and a value, or by a comment. */
function isBroken({ document, text }: Parsed): boolean {
  let broken = document.errors.length > 0
  visit(document, {
    Scalar(key, { type, value, range }) {
      if (type !== 'PLAIN' || typeof value !== 'string' || !value.includes('<AUTO')) return
      if (key === 'key' || /^\s+#.*<\/AUTO>/.test(text.slice(range![1]).split('\n', 1)[0]!)) broken = true
    },
  })
  return broken
}

// what is wrong with it

const QUOTE = 'put the value in quotes: "{{ name }}"'
const UNQUOTED = {
  code: 'yaml_syntax',
  severity: 'error',
  message: 'a value that starts with {{ is a map to YAML, not a template',
  hint: QUOTE,
} as const

function unquotedTemplates(document: Document.Parsed, text: string): readonly number[] {
  const found: number[] = []
  visit(document, {
    Pair(_key, pair) {
      const start = isMap(pair.key) && pair.key.flow ? pair.key.range?.[0] : undefined
      if (start !== undefined && text[start - 1] === '{') found.push(start - 1)
    },
  })
  return found
}

/** What the parser stumbles over after its first fall says nothing. */
function telling(errors: readonly YAMLError[]): readonly YAMLError[] {
  const first = errors.find(({ code }) => code === 'UNEXPECTED_TOKEN')
  return errors.filter((error) => error.code !== 'UNEXPECTED_TOKEN' || error === first)
}

function syntaxFinding({ code, message, pos }: YAMLError, text: string): Finding {
  const line = text.slice(text.lastIndexOf('\n', pos[0] - 1) + 1).split('\n', 1)[0]!
  const follows = message.endsWith('at node end') ? FOLLOWS : undefined
  const hint = hintFor(line) ?? follows?.hint
  return {
    code: code === 'DUPLICATE_KEY' ? 'yaml_duplicate_key' : 'yaml_syntax',
    severity: 'error',
    message: MESSAGES[code] ?? follows?.message ?? message,
    ...(hint && { hint }),
  }
}

/** What the parser says to programmers, for people. */
const MESSAGES: { readonly [code: string]: string } = {
  DUPLICATE_KEY: 'this key stands twice in the same map',
  MULTIPLE_DOCS: 'one pipeline is one document: a second one begins here',
}

const FOLLOWS = {
  message: 'what is before this was read as a whole value, so nothing may follow it',
  hint: 'put the whole value in quotes, with single ones where double ones are inside',
} as const

function hintFor(line: string): string | undefined {
  if (/^\s*\{[%#]/.test(line)) return 'indent the {% %} line as deep as the text it belongs to'
  if (/(?::|-)\s+\{[{%]/.test(line)) return QUOTE
  return /<AUTO/.test(line) ? 'put the value in quotes' : undefined
}

// its value

function dataOf(document: Document.Parsed, { text, where }: Places, report: Report): Json {
  try {
    // what several aliases share stays shared, so it costs nothing yet
    const value = document.toJS({ maxAliasCount: -1 }) as Json
    const fault = measure(value)
    if (fault === undefined) return value
    report('too_large', [], fault)
  } catch (error) {
    const { message } = error as Error
    const alias = /Unresolved alias.*: (\S+)$/.exec(message)?.[1]
    report('yaml_syntax', [], alias === undefined ? message : `there is no anchor \`&${alias}\` before its alias`, {
      ...(alias !== undefined && { at: where(Math.max(0, text.indexOf(`*${alias}`))) }),
    })
  }
  return null
}

function reporter(places: Places, file: string, findings: Finding[]): Report {
  return (code, path, message, { hint, step, key, within, about, at } = {}) => {
    findings.push({
      code,
      severity: severityOf(code),
      message,
      file,
      ...(at ?? placeOf(places, path, key === true, within)),
      ...(step !== undefined && { step }),
      ...(path.length > 0 && { path: formatPath(path) }),
      ...(hint !== undefined && { hint }),
      ...(about && { about }),
    })
  }
}
