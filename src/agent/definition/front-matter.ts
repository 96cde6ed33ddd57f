import type { Json } from '../../kernel/json.ts'
import { offsetOfPath } from '../../yaml/offset-of-path.ts'
import type { TextPosition } from '../../yaml/parse.ts'
import { readBoundedYaml, type YamlResult } from '../../yaml/read.ts'
import type { AgentFinding, ReportAgentFinding } from './finding.ts'
import { spellingOf } from './keys.ts'

/** Maximum characters of the file of an agent or a skill. */
const MAX_FILE_LENGTH = 256 * 1024

/** The YAML at the beginning of a file, the text below it, and the findings, which `report` extends. */
type FrontMatter = {
  readonly head: { readonly [key: string]: Json }
  readonly body: string
  readonly findings: AgentFinding[]
  readonly report: ReportAgentFinding
}

/** Reads YAML between two lines of `---` and a body; a finding without them. `mayLack`: a file may be all body. */
export function readFrontMatter(
  text: string,
  file: string,
  mayLack = false,
): FrontMatter | { readonly fault: AgentFinding } {
  const refuse = (message: string, place: TextPosition = START, hint?: string) => ({
    fault: { severity: 'error' as const, message, file, ...place, ...(hint !== undefined && { hint }) },
  })
  if (text.length > MAX_FILE_LENGTH)
    return refuse(`the file is larger than ${MAX_FILE_LENGTH / 1024} KiB`, START, 'Put long texts into a skill.')
  if (mayLack && !/^\uFEFF?---/.test(text)) return allBody(text, file)
  const parts = /^\uFEFF?---[ \t]*\r?\n(.*?)(?<=\n)---[ \t]*(?:\r?\n(.*))?$/s.exec(text)
  if (!parts) return refuse('expected front matter between two lines of ---', START, 'Begin the file with ---.')
  const [, yaml = '', body = ''] = parts
  const read = readLenient(yaml)
  if (!('value' in read)) return refuse(read.message, below(read.place), YAML_HINT)
  if (!isMap(read.value))
    return refuse(
      `expected keys with values in the front matter, got ${Array.isArray(read.value) ? 'a list' : 'a text'}`,
      below(START),
      YAML_HINT,
    )
  const head = read.value ?? {}
  const findings: AgentFinding[] = []
  const report: ReportAgentFinding = (severity, path, message, { hint, key } = {}) => {
    const place = below(read.where(offsetOfPath(read.document, writtenPath(path, head), key === true) ?? 0))
    findings.push({ severity, message, ...(hint !== undefined && { hint }), file, ...place })
  }
  return { head: withoutEmpty(head, report), body: body.trim(), findings, report }
}

function allBody(text: string, file: string): FrontMatter {
  const findings: AgentFinding[] = []
  const report: ReportAgentFinding = (severity, _, message, { hint } = {}) =>
    void findings.push({ severity, message, ...(hint !== undefined && { hint }), file, ...START })
  return { head: {}, body: text.replace(/^\uFEFF/, '').trim(), findings, report }
}

/** The path as the author wrote it: the key may have another spelling, and a text may stand for a list. */
function writtenPath([first, ...rest]: readonly (string | number)[], head: FrontMatter['head']) {
  if (first === undefined) return []
  const key = Object.hasOwn(head, first) ? first : (spellingOf(String(first)) ?? first)
  return typeof head[key] === 'object' ? [key, ...rest] : [key]
}

const isMap = (value: Json): value is FrontMatter['head'] | null => typeof value === 'object' && !Array.isArray(value)

const YAML_HINT = 'Write each key on a line of its own, such as `description: Keeps notes`.'
const START: TextPosition = { line: 1, column: 1 }
// the front matter begins in the second line of the file
const below = ({ line, column }: TextPosition): TextPosition => ({ line: line + 1, column })

/** Other products write a description that contains `: ` without quotes, which is not YAML. */
function readLenient(yaml: string): YamlResult {
  const read = readBoundedYaml(yaml, 'the front matter')
  if ('value' in read || read.isLong) return read
  const quoted = yaml.replace(/^description: +(?![\s"'|>[{&*!%@`])(.+)$/m, (_, words: string) => {
    return `description: '${words.trim().replaceAll("'", "''")}'`
  })
  const again = readBoundedYaml(quoted, 'the front matter')
  return 'value' in again ? again : read
}

function withoutEmpty(head: FrontMatter['head'], report: ReportAgentFinding): FrontMatter['head'] {
  if (head.tools === null)
    report('warning', ['tools'], '`tools` is empty and counts as absent', {
      key: true,
      hint: '`tools: []` gives none.',
    })
  return Object.fromEntries(Object.entries(head).filter(([, value]) => value !== null))
}
