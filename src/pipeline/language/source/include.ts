import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import { MAX_TEMPLATES } from './alias-limit.ts'
import { expandIncludes, type IncludeState, type ReadInclude } from './expand.ts'
import type { LocatedDocument } from './read-yaml.ts'
import { positionInPieces } from './source-map.ts'

/** Keys whose values are read by machines; prose is never searched for includes. */
const EXPANDED_KEYS = ['parameters', 'inputs', 'action']
const PROSE_KEYS = ['metadata', 'outputs', 'name', 'description']

/** The document with files included in parameters and actions. Findings in included text point into that file. */
export function includeFiles(source: LocatedDocument, read: ReadInclude | undefined): LocatedDocument {
  if (!isJsonObject(source.value)) return source
  const included: IncludeState = {
    texts: new Map(),
    left: { characters: 10 * 1024 * 1024, files: 10_000, templates: MAX_TEMPLATES },
  }
  const inText = (text: string, path: DocumentPath) => expandIncludes(text, path, { source, read, included })
  const steps = ['steps', 'tasks'].flatMap((key) => {
    const list = (source.value as JsonObject)[key]
    return list === undefined ? [] : [[key, expandSteps(list, [key], inText)] as const]
  })
  if (included.texts.size === 0) return source
  return { ...source, value: { ...source.value, ...Object.fromEntries(steps) }, report: reporter(source, included) }
}

type ExpandText = (text: string, path: DocumentPath) => string

function expandSteps(value: Json, path: DocumentPath, inText: ExpandText): Json {
  if (Array.isArray(value)) return value.map((item, index) => expandSteps(item, [...path, index], inText))
  if (!isJsonObject(value)) return value
  return mapFields(value, (item, key) => {
    if (PROSE_KEYS.includes(key)) return item
    return (EXPANDED_KEYS.includes(key) ? expandAll : expandSteps)(item, [...path, key], inText)
  })
}

function expandAll(value: Json, path: DocumentPath, inText: ExpandText): Json {
  // a pipeline inside a pipeline includes its files itself
  if (typeof value === 'string') return path.at(-1) === 'pipeline' && value.includes('\n') ? value : inText(value, path)
  if (Array.isArray(value)) return value.map((item, index) => expandAll(item, [...path, index], inText))
  return isJsonObject(value) ? mapFields(value, (item, key) => expandAll(item, [...path, key], inText)) : value
}

function mapFields(map: JsonObject, change: (value: Json, key: string) => Json): Json {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)]))
}

function reporter({ report }: LocatedDocument, { texts }: IncludeState): ReportFinding {
  return (code, path, message, more = {}) => {
    const pieces = more.within && texts.get(JSON.stringify(path))
    if (!pieces || !more.within) return report(code, path, message, more)
    const { file, ...position } = positionInPieces(pieces, more.within)
    const { within: _, ...rest } = more
    report(
      code,
      path,
      message,
      file === undefined ? { ...rest, within: position } : { ...rest, at: { file, ...position } },
    )
  }
}
