import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
} from 'yaml'
import type { Json } from '../../kernel/schema.ts'
import { type Finding, formatPath, type Path, type Position, type Report, severityOf } from '../findings.ts'

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
  const lines = new LineCounter()
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: true,
    lineCounter: lines,
    prettyErrors: false,
  })
  const where = (offset: number) => positionAt(lines, offset)
  for (const error of document.errors) findings.push({ ...syntaxFinding(error, text), file, ...where(error.pos[0]) })
  visit(document, {
    Pair(_key, pair) {
      const start = isMap(pair.key) && pair.key.flow ? pair.key.range?.[0] : undefined
      if (start !== undefined && text[start - 1] === '{') findings.push({ ...UNQUOTED, file, ...where(start - 1) })
    },
  })
  const report = reporter(document.contents, { text, file, where, findings })
  const value = findings.length > 0 ? null : toJson(() => document.toJS({ maxAliasCount: 1000 }), report)
  const locate = (path: Path) => where(nodeAt(document.contents, path, false)?.range?.[0] ?? 0)
  return { file, value, report, findings, locate }
}

const QUOTE = 'put the value in quotes: "{{ name }}"'
const UNQUOTED = {
  code: 'yaml_syntax',
  severity: 'error',
  message: 'a value that starts with {{ is a map to YAML, not a template',
  hint: QUOTE,
} as const

function syntaxFinding({ code, message, pos }: YAMLError, text: string): Finding {
  const line = text.slice(text.lastIndexOf('\n', pos[0] - 1) + 1).split('\n', 1)[0]!
  const hint = hintFor(line)
  return {
    code: code === 'DUPLICATE_KEY' ? 'yaml_duplicate_key' : 'yaml_syntax',
    severity: 'error',
    message: MESSAGES[code] ?? message,
    ...(hint && { hint }),
  }
}

/** What the parser says to programmers, for people. */
const MESSAGES: { readonly [code: string]: string } = {
  DUPLICATE_KEY: 'this key stands twice in the same map',
  MULTIPLE_DOCS: 'one pipeline is one document: a second one begins here',
}

function hintFor(line: string): string | undefined {
  if (/^\s*\{%/.test(line)) return 'indent the {% %} line as deep as the text it belongs to'
  if (/(?::|-)\s+\{\{/.test(line)) return QUOTE
  return /<AUTO/.test(line) ? 'put the value in quotes' : undefined
}

function toJson(read: () => unknown, report: Report): Json {
  try {
    return read() as Json
  } catch (error) {
    report('yaml_syntax', [], (error as Error).message)
    return null
  }
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

// where things stand

type Text = {
  readonly text: string
  readonly file: string
  where(offset: number): Position
  readonly findings: Finding[]
}

function reporter(root: unknown, { text, file, where, findings }: Text): Report {
  return (code, path, message, { hint, step, key, within, about } = {}) => {
    const node = nodeAt(root, path, key === true)
    const start = node?.range?.[0] ?? 0
    const position = within && isScalar(node) ? positionWithin(node, text, where, within) : where(start)
    findings.push({
      code,
      severity: severityOf(code),
      message,
      file,
      ...position,
      ...(step !== undefined && { step }),
      ...(path.length > 0 && { path: formatPath(path) }),
      ...(hint !== undefined && { hint }),
      ...(about && { about }),
    })
  }
}

/** The node a path leads to, or the nearest one above it that is there. */
function nodeAt(root: unknown, path: Path, wantsKey: boolean): Node | undefined {
  let node = root
  for (const [depth, part] of path.entries()) {
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part))
      : undefined
    const last = depth === path.length - 1
    const next = isPair(pair)
      ? last && wantsKey
        ? pair.key
        : (pair.value ?? pair.key)
      : isSeq(node)
        ? node.items[Number(part)]
        : undefined
    if (next === undefined || next === null || isAlias(next)) return (next ?? node) as Node
    node = next
  }
  return (node ?? undefined) as Node | undefined
}

/** The place of a character of a scalar's value; exact for values on one line and for `|` blocks, else where the value starts. */
function positionWithin(node: Scalar, text: string, where: (offset: number) => Position, within: Position): Position {
  const start = node.range![0]
  const at = where(start)
  if (node.type === 'BLOCK_LITERAL') {
    const body = text.indexOf('\n', start) + 1
    const indent = /^(?:[ ]*\n)*([ ]*)/.exec(text.slice(body, body + 2000))?.[1]?.length ?? 0
    return { line: at.line + within.line, column: indent + within.column }
  }
  if (within.line > 1 || node.type === 'BLOCK_FOLDED') return at
  const quote = node.type === 'PLAIN' ? 0 : 1
  return { line: at.line, column: at.column + quote + within.column - 1 }
}
