import { asText, isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { ArtifactSpec } from '../../plan/artifact.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import { hasAutoTag } from '../source/find-tags.ts'
import { fileKindOfPath, fileKindOfWord } from './file-kinds.ts'

/** Reads the declaration of a file. Parts of it that contradict each other are reported. */
export function readArtifact(
  fields: JsonObject,
  path: DocumentPath,
  report: ReportFinding,
  step?: string,
): ArtifactSpec | undefined {
  const about = step === undefined ? {} : { step }
  const text = (key: string) => textAt(fields, key, path, report, about)
  const [location, type, format, description] = ['location', 'produces', 'format', 'output_description'].map(text)
  const limit = readLimit(fields.size_limit, [...path, 'size_limit'], report, about)
  const schema = fields.output_schema ?? fields.schema
  if (schema !== undefined && !isJsonObject(schema) && typeof schema !== 'string')
    report(
      'bad_value',
      [...path, fields.schema === undefined ? 'output_schema' : 'schema'],
      'a schema must be a map',
      about,
    )
  const kinds = [
    ['produces', type && fileKindOfWord(type)],
    ['format', format && fileKindOfWord(format)],
    ['location', location && fileKindOfPath(location)],
  ].filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '')
  refuseConflict(kinds, path, report, about)
  const kind = kinds[0]?.[1]
  const isTold = format !== undefined && hasAutoTag(format)
  if (isTold && kind !== undefined)
    report(
      'output_spec_conflict',
      [...path, 'format'],
      `\`format:\` is an <AUTO> tag, but \`${kinds[0]![0]}:\` says ${kind}`,
      about,
    )
  const word = type ?? (isTold && location !== undefined ? undefined : format)
  const artifact: ArtifactSpec = {
    ...(location !== undefined && { location }),
    ...(kind !== undefined && { kind }),
    ...(isTold && location !== undefined && kind === undefined && { format }),
    ...(word !== undefined && { type: word }),
    ...(description !== undefined && { description }),
    ...(schema !== undefined && { schema }),
    ...(limit !== undefined && { limit }),
  }
  return Object.keys(artifact).length === 0 ? undefined : artifact
}

type About = { readonly step?: string }

function textAt(
  fields: JsonObject,
  key: string,
  path: DocumentPath,
  report: ReportFinding,
  about: About,
): string | undefined {
  const value = fields[key]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string' && value.trim() !== '') return value
  report('bad_value', [...path, key], `\`${key}:\` must be a text`, about)
  return undefined
}

function refuseConflict(
  kinds: readonly (readonly [string, string])[],
  path: DocumentPath,
  report: ReportFinding,
  about: About,
): void {
  const [first, ...others] = kinds
  const other = others.find(([, kind]) => kind !== first?.[1])
  if (!first || !other) return
  const message = `\`${first[0]}:\` says ${first[1]}, but \`${other[0]}:\` says ${other[1]}`
  report('output_spec_conflict', [...path, other[0]], message, about)
}

const BYTES_PER_UNIT: { readonly [unit: string]: number } = { '': 1, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

function readLimit(
  value: Json | undefined,
  path: DocumentPath,
  report: ReportFinding,
  about: About,
): number | undefined {
  if (value === undefined || value === null) return undefined
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmg]?b|)$/i.exec(asText(value).trim()) ?? []
  const factor = BYTES_PER_UNIT[unit.toLowerCase()]
  if (count !== undefined && factor !== undefined) return Number(count) * factor
  report('bad_value', path, '`size_limit:` must be a number of bytes or a text such as 10MB', about)
  return undefined
}
