import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import { present } from '../../../lib/json/present.ts'
import type { ArtifactSpec } from '../../../step/record/artifact.ts'
import { expectedGot } from '../diagnostics/expected.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import { STEP_TABLE } from '../schema/step-keys.ts'
import { fieldReader } from '../schema/value-kinds.ts'
import { hasAutoTag } from '../source/find-tags.ts'
import { fileKindOfPath, fileKindOfWord } from './file-kinds.ts'
import { dropEmptyKeys } from './pipeline-spec.ts'

/** Reads the declaration of a file. Parts of it that contradict each other are reported. */
export function readArtifact(
  fields: JsonObject,
  path: DocumentPath,
  report: ReportFinding,
  step?: string,
): ArtifactSpec | undefined {
  const about = step === undefined ? {} : { step }
  const read = fieldReader(STEP_TABLE, dropEmptyKeys(fields, []), (key, message) =>
    report('bad_value', [...path, key], message, about),
  )
  const location = read('location')
  const type = read('produces')
  const format = read('format')
  const description = read('output_description')
  const limit = read('size_limit')
  const schema = fields.output_schema ?? fields.schema
  if (schema !== undefined && !isJsonObject(schema) && typeof schema !== 'string') {
    const key = fields.output_schema === undefined ? 'schema' : 'output_schema'
    report('bad_value', [...path, key], expectedGot(key, 'a map', schema), about)
  }
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
    ...present({ location, kind }),
    ...(isTold && location !== undefined && kind === undefined && { format }),
    ...present({ type: word, description, schema, limit }),
  }
  return Object.keys(artifact).length === 0 ? undefined : artifact
}

function refuseConflict(
  kinds: readonly (readonly [string, string])[],
  path: DocumentPath,
  report: ReportFinding,
  about: { readonly step?: string },
): void {
  const [first, ...others] = kinds
  const other = others.find(([, kind]) => kind !== first?.[1])
  if (!first || !other) return
  const message = `\`${first[0]}:\` says ${first[1]}, but \`${other[0]}:\` says ${other[1]}`
  report('output_spec_conflict', [...path, other[0]], message, about)
}
