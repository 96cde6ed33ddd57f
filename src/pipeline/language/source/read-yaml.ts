import { type Document, isScalar, LineCounter } from 'yaml'
import type { Json } from '../../../kernel/schema.ts'
import { type Excess, eachNode, type Position, parseBounded, positionIn, withLines } from '../../../yaml/parse.ts'
import { dataOf } from '../../../yaml/to-json.ts'
import { Enough, type Finding, formatPath, type Path, type Report, severityOf } from '../diagnostics/finding.ts'
import { measure } from './alias-limit.ts'
import { protect } from './escape-templates.ts'
import { countBelow, isBare, type Places, placeOf } from './source-map.ts'
import { syntaxFaults } from './yaml-errors.ts'

/** A document as plain data, that can still say where each piece of it stands. */
export type Source = {
  readonly file: string
  readonly value: Json
  readonly report: Report
  readonly findings: Finding[]
  locate(path: Path): Position
  /** whether a text stands there without quotes */
  isBare(path: Path): boolean
}

const LONGEST = 1024 * 1024
/** Findings that are told of one text. */
const MOST = 1_000

/** Faults of a text as YAML above which it is not looked whether they go when it is mended. */
const MOST_MENDED = 10_000

/** Reads YAML 1.2 (core; `<<` merges). What is wrong with it lies in `findings`; then the value is null. */
export function readYaml(text: string, file: string): Source {
  const findings: Finding[] = []
  if (text.length > LONGEST) {
    findings.push({ code: 'too_large', severity: 'error', message: `${file} is larger than 1 MiB`, file })
    const nowhere = { locate: () => ({ line: 1, column: 1 }), isBare: () => false }
    return { file, value: null, report: () => {}, findings, ...nowhere }
  }
  const parsed = parse(withLines(text))
  const { document, excess, ...places } = parsed
  const faults = excess ? [faultOf(excess)] : syntaxFaults(parsed)
  for (const { at, ...fault } of faults) findings.push({ ...fault, severity: 'error', file, ...places.where(at) })
  const report = reporter(places, file, findings)
  const value = findings.length > 0 ? null : readData(document, places, report)
  const locate = (path: Path) => placeOf(places, path, false)
  return { file, value, report, findings, locate, isBare: (path) => isBare(places, path) }
}

const DATA = 'put data into a file of its own, which a step reads, and repeat steps with for_each:'

const faultOf = ({ message, at, is }: Excess) =>
  ({ code: 'too_large', message, at, ...(is === 'long' && { hint: DATA }) }) as const

// parsing: as it is, and where that breaks it with tags in quotes and quoted texts further to the right

type Parsed = Places & { readonly document: Document.Parsed; readonly excess?: Excess }

function parse(text: string): Parsed {
  const plain = parseAs(text, [])
  if (plain.excess || plain.document.errors.length > MOST_MENDED || !isBroken(plain)) return plain
  const { text: mended, added } = protect(text)
  const better = added.length === 0 ? plain : parseAs(mended, added)
  return isWorse(plain, better) ? better : plain
}

const isWorse = ({ document: { errors } }: Parsed, { document }: Parsed) =>
  document.errors.length === 0 || document.errors.length < errors.length

function parseAs(text: string, added: readonly number[]): Parsed {
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

const COMMENTED = /[^\S\n]+#.*<\/AUTO>/y

/** Whether a tag was taken apart: into a key and a value, or by a comment. */
function isBroken({ document, text }: Parsed): boolean {
  if (document.errors.length > 0) return true
  if (!text.includes('<AUTO')) return false
  let broken = false
  eachNode(document.contents, (node, isKey) => {
    if (!isScalar(node) || node.type !== 'PLAIN' || typeof node.value !== 'string' || !node.value.includes('<AUTO'))
      return
    COMMENTED.lastIndex = node.range![1]
    broken ||= isKey || COMMENTED.test(text)
  })
  return broken
}

// its value

function readData(document: Document.Parsed, { where }: Places, report: Report): Json {
  const { value, fault } = dataOf(document)
  const excess = fault ? undefined : measure(value)
  if (fault) report(fault.code, [], fault.message, { hint: fault.hint, at: where(fault.at) })
  if (excess !== undefined) report('too_large', [], excess)
  return fault || excess !== undefined ? null : value
}

function reporter(places: Places, file: string, findings: Finding[]): Report {
  let isRefused = false
  return (code, path, message, { hint, step, key, within, about, at } = {}) => {
    const severity = severityOf(code)
    // of more than anybody reads only that it is refused is told
    if (findings.length >= MOST && isRefused) throw new Enough()
    if (findings.length >= MOST && severity !== 'error') return
    isRefused ||= severity === 'error'
    const told = typeof hint === 'function' ? hint() : hint
    findings.push({
      code,
      severity,
      message,
      file,
      ...(at ?? placeOf(places, path, key === true, within)),
      ...(step !== undefined && { step }),
      ...(path.length > 0 && { path: formatPath(path) }),
      ...(told !== undefined && { hint: told }),
      ...(about && { about }),
    })
  }
}
