import { type Document, LineCounter, parseDocument, visit } from 'yaml'
import type { Json } from '../../kernel/schema.ts'
import { type Finding, formatPath, type Path, type Position, type Report, severityOf } from '../findings.ts'
import { repeatedKeys } from './keys-twice.ts'
import { measure } from './measure.ts'
import { type Places, placeOf, positionIn } from './places.ts'
import { protect } from './protect.ts'
import { strayAlias, syntaxFaults } from './syntax.ts'

/** A document as plain data, that can still say where each piece of it stands. */
export type Source = {
  readonly file: string
  readonly value: Json
  readonly report: Report
  readonly findings: Finding[]
  locate(path: Path): Position
}

const LONGEST = 1024 * 1024
/** Findings that are told of one text. */
const MOST = 1_000

/** Reads YAML 1.2 (core; `<<` merges). What is wrong with it lies in `findings`; then the value is null. */
export function readYaml(text: string, file: string): Source {
  const findings: Finding[] = []
  if (text.length > LONGEST) {
    findings.push({ code: 'too_large', severity: 'error', message: `${file} is larger than 1 MiB`, file })
    return { file, value: null, report: () => {}, findings, locate: () => ({ line: 1, column: 1 }) }
  }
  const { document, ...places } = parse(text)
  for (const { at, ...fault } of syntaxFaults(document, places.text))
    findings.push({ ...fault, severity: 'error', file, ...places.where(at) })
  const report = reporter(places, file, findings)
  const value = findings.length > 0 ? null : dataOf(document, places, report)
  return { file, value, report, findings, locate: (path) => placeOf(places, path, false) }
}

// parsing: as it is, and where that breaks it with tags in quotes and quoted texts further to the right

type Parsed = Places & { readonly document: Document.Parsed }

function parse(text: string): Parsed {
  const plain = parseAs(text, [])
  if (!isBroken(plain)) return plain
  const { text: mended, added } = protect(text)
  const better = added.length === 0 ? plain : parseAs(mended, added)
  return isWorse(plain, better) ? better : plain
}

const isWorse = ({ document: { errors } }: Parsed, { document }: Parsed) =>
  document.errors.length === 0 || document.errors.length < errors.length

function parseAs(text: string, added: readonly number[]): Parsed {
  const lines = new LineCounter()
  const options = { version: '1.2', schema: 'core', merge: true, prettyErrors: false, logLevel: 'error' } as const
  const document = parseDocument(text, { ...options, resolveKnownTags: false, uniqueKeys: false, lineCounter: lines })
  document.errors.push(...repeatedKeys(document))
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

// its value

function dataOf(document: Document.Parsed, { where }: Places, report: Report): Json {
  try {
    // what several aliases share stays shared, so it costs nothing yet
    const value = document.toJS({ maxAliasCount: -1 }) as Json
    const fault = measure(value)
    if (fault === undefined) return value
    report('too_large', [], fault)
  } catch (error) {
    const stray = strayAlias(document)
    if (!stray) report('yaml_syntax', [], (error as Error).message)
    else
      report('yaml_syntax', [], `there is no anchor \`&${stray.name}\` before its alias`, {
        hint: 'a value that begins with * stands for an anchor: put a text in quotes',
        at: where(stray.at),
      })
  }
  return null
}

function reporter(places: Places, file: string, findings: Finding[]): Report {
  let isRefused = false
  return (code, path, message, { hint, step, key, within, about, at } = {}) => {
    const severity = severityOf(code)
    // of more than anybody reads only that it is refused is told
    if (findings.length >= MOST && (isRefused || severity !== 'error')) return
    isRefused ||= severity === 'error'
    findings.push({
      code,
      severity,
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
