import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { Path, Report } from '../diagnostics/finding.ts'
import { MOST_TEMPLATES } from './alias-limit.ts'
import { expand, type Included, type ReadIncluded } from './expand.ts'
import type { Source } from './read-yaml.ts'
import { placeInPieces } from './source-map.ts'

/** Below a step, what holds texts for machines; prose is never looked at. */
const EXPANDED = ['parameters', 'inputs', 'action']
const PROSE = ['metadata', 'outputs', 'name', 'description']

/** The document with the files that parameters and actions of its steps include; what stands in them is pointed at there. */
export function includeFiles(source: Source, read: ReadIncluded | undefined): Source {
  if (!isJsonObject(source.value)) return source
  const included: Included = {
    texts: new Map(),
    left: { characters: 10 * 1024 * 1024, files: 10_000, templates: MOST_TEMPLATES },
  }
  const inText = (text: string, path: Path) => expand(text, path, { source, read, included })
  const steps = ['steps', 'tasks'].flatMap((key) => {
    const list = (source.value as JsonObject)[key]
    return list === undefined ? [] : [[key, walk(list, [key], inText)] as const]
  })
  if (included.texts.size === 0) return source
  return { ...source, value: { ...source.value, ...Object.fromEntries(steps) }, report: reporter(source, included) }
}

type Expand = (text: string, path: Path) => string

function walk(value: Json, path: Path, inText: Expand): Json {
  if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index], inText))
  if (!isJsonObject(value)) return value
  return mapFields(value, (item, key) => {
    if (PROSE.includes(key)) return item
    return (EXPANDED.includes(key) ? expandAll : walk)(item, [...path, key], inText)
  })
}

function expandAll(value: Json, path: Path, inText: Expand): Json {
  if (typeof value === 'string') return isInlinePipeline(value, path) ? value : inText(value, path)
  if (Array.isArray(value)) return value.map((item, index) => expandAll(item, [...path, index], inText))
  return isJsonObject(value) ? mapFields(value, (item, key) => expandAll(item, [...path, key], inText)) : value
}

/** A pipeline inside a pipeline includes its files itself. */
function isInlinePipeline(text: string, path: Path): boolean {
  return path.at(-1) === 'pipeline' && text.includes('\n')
}

function mapFields(map: JsonObject, change: (value: Json, key: string) => Json): Json {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)]))
}

function reporter({ report }: Source, { texts }: Included): Report {
  return (code, path, message, more = {}) => {
    const pieces = more.within && texts.get(JSON.stringify(path))
    if (!pieces || !more.within) return report(code, path, message, more)
    const { file, ...position } = placeInPieces(pieces, more.within)
    const { within: _, ...rest } = more
    report(
      code,
      path,
      message,
      file === undefined ? { ...rest, within: position } : { ...rest, at: { file, ...position } },
    )
  }
}
