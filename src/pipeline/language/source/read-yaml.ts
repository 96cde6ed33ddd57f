import { type Document, isScalar, LineCounter } from 'yaml'
import type { Json } from '../../../kernel/schema.ts'
import type { Finding } from '../../../run/finding.ts'
import type { LimitExceeded, TextPosition } from '../../../yaml/parse.ts'
import { eachNode, normalizeLineEnds, parseBounded, positionIn } from '../../../yaml/parse.ts'
import { toJson } from '../../../yaml/to-json.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import { FindingLimitReached, formatPath, severityOf } from '../diagnostics/finding.ts'
import { checkDocumentSize } from './alias-limit.ts'
import { escapeTemplates } from './escape-templates.ts'
import { countBelow, isUnquoted, positionOfPath, type SourceMap, writtenAt } from './source-map.ts'
import { syntaxFaults } from './yaml-errors.ts'

/** A document as plain data that knows the position of each piece. */
export type LocatedDocument = {
  readonly file: string
  readonly value: Json
  readonly report: ReportFinding
  readonly findings: Finding[]
  locate(path: DocumentPath): TextPosition
  /** whether a text is written without quotes */
  isUnquoted(path: DocumentPath): boolean
  /** a plain value, such as a number, as it is written */
  written(path: DocumentPath): string | undefined
}

const MAX_SOURCE_CHARACTERS = 1024 * 1024
/** Maximum reported findings of one text. */
const MAX_FINDINGS = 1_000

/** With more YAML errors than this, the text is not escaped and parsed again. */
const MAX_MENDED_FAULTS = 10_000

/** Reads YAML 1.2 (core; `<<` merges). Faults are in `findings`; then the value is null. */
export function readYaml(text: string, file: string): LocatedDocument {
  const findings: Finding[] = []
  if (text.length > MAX_SOURCE_CHARACTERS) {
    findings.push({ code: 'too_large', severity: 'error', message: `${file} is larger than 1 MiB`, file })
    const nowhere = { locate: () => ({ line: 1, column: 1 }), isUnquoted: () => false, written: () => undefined }
    return { file, value: null, report: () => {}, findings, ...nowhere }
  }
  const parsed = parse(normalizeLineEnds(text))
  const { document, excess, ...places } = parsed
  const faults = excess ? [excessFault(excess)] : syntaxFaults(parsed)
  for (const { at, ...fault } of faults) findings.push({ ...fault, severity: 'error', file, ...places.where(at) })
  const report = reporter(places, file, findings)
  const value = findings.length > 0 ? null : readData(document, places, report)
  const locate = (path: DocumentPath) => positionOfPath(places, path, false)
  const written = (path: DocumentPath) => writtenAt(places, path)
  return { file, value, report, findings, locate, isUnquoted: (path) => isUnquoted(places, path), written }
}

const DATA_HINT = 'Move data into a file that a step reads, and repeat steps with `for_each:`.'

const excessFault = ({ message, at, is }: LimitExceeded) =>
  ({ code: 'too_large', message, at, ...(is === 'long' && { hint: DATA_HINT }) }) as const

// parses the text as it is, and if that fails, with tags quoted and quoted texts indented

type ParsedSource = SourceMap & { readonly document: Document.Parsed; readonly excess?: LimitExceeded }

function parse(text: string): ParsedSource {
  const plain = parseAs(text, [])
  if (plain.excess || plain.document.errors.length > MAX_MENDED_FAULTS || !isBroken(plain)) return plain
  const { text: mended, added } = escapeTemplates(text)
  const better = added.length === 0 ? plain : parseAs(mended, added)
  return isWorse(plain, better) ? better : plain
}

const isWorse = ({ document: { errors } }: ParsedSource, { document }: ParsedSource) =>
  document.errors.length === 0 || document.errors.length < errors.length

function parseAs(text: string, added: readonly number[]): ParsedSource {
  const lines = new LineCounter()
  const { document, excess } = parseBounded(text, lines, 'the pipeline')
  const where = (offset: number) => {
    const position = positionIn(lines, offset)
    const shift = countBelow(added, offset) - countBelow(added, offset - position.column + 1)
    return { ...position, column: Math.max(1, position.column - shift) }
  }
  const parsed = { document, root: document.contents, text, where }
  return excess ? { ...parsed, excess } : parsed
}

const COMMENTED_TAG = /[^\S\n]+#.*<\/AUTO>/y

/** Whether YAML split a tag: into a key and a value, or by a comment. */
function isBroken({ document, text }: ParsedSource): boolean {
  if (document.errors.length > 0) return true
  if (!text.includes('<AUTO')) return false
  let broken = false
  eachNode(document.contents, (node, isKey) => {
    if (!isScalar(node) || node.type !== 'PLAIN' || typeof node.value !== 'string' || !node.value.includes('<AUTO'))
      return
    COMMENTED_TAG.lastIndex = node.range![1]
    broken ||= isKey || COMMENTED_TAG.test(text)
  })
  return broken
}

// the value of the document

function readData(document: Document.Parsed, { where }: SourceMap, report: ReportFinding): Json {
  const { value, fault } = toJson(document)
  const excess = fault ? undefined : checkDocumentSize(value)
  if (fault) report(fault.code, [], fault.message, { hint: fault.hint, at: where(fault.at) })
  if (excess !== undefined) report('too_large', [], excess)
  return fault || excess !== undefined ? null : value
}

function reporter(places: SourceMap, file: string, findings: Finding[]): ReportFinding {
  let isRefused = false
  return (code, path, message, { hint, step, key, within, about, at } = {}) => {
    const severity = severityOf(code)
    // above the limit, a finding is added only until an error refuses the text
    if (findings.length >= MAX_FINDINGS && isRefused) throw new FindingLimitReached()
    if (findings.length >= MAX_FINDINGS && severity !== 'error') return
    isRefused ||= severity === 'error'
    const advice = typeof hint === 'function' ? hint() : hint
    findings.push({
      code,
      severity,
      message,
      file,
      ...(at ?? positionOfPath(places, path, key === true, within)),
      ...(step !== undefined && { step }),
      ...(path.length > 0 && { path: formatPath(path) }),
      ...(advice !== undefined && { hint: advice }),
      ...(about && { about }),
    })
  }
}
