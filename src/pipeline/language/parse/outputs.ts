import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import { expectedGot, shownValue } from '../diagnostics/expected.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import { checkKeys, checkUnique } from '../schema/check-keys.ts'
import { readArtifact } from './artifact.ts'
import type { OutputSpec } from './pipeline-spec.ts'

const MAX_OUTPUTS = 10_000

/** Reads the outputs in any form: a map, a list of `{ name, value }`, or a list of maps with one key. */
export function readOutputs(section: Json | undefined, report: ReportFinding): readonly OutputSpec[] {
  const outputs = readForms(section, report)
  if (outputs.length > MAX_OUTPUTS)
    report('too_large', ['outputs'], `more than ${MAX_OUTPUTS} outputs`, {
      hint: 'Put several values into one output with a map.',
    })
  return outputs.slice(0, MAX_OUTPUTS)
}

function readForms(section: Json | undefined, report: ReportFinding): readonly OutputSpec[] {
  if (section === undefined || section === null) return []
  if (isJsonObject(section)) return entriesOf(section, ['outputs'], report)
  if (!Array.isArray(section)) {
    report('bad_value', ['outputs'], expectedGot('outputs', 'a map of templates by name', section))
    return []
  }
  const taken = new Set<string>()
  return section
    .flatMap((item, index) => formsOf(item, ['outputs', index], report))
    .filter(({ name, path }) => checkUnique(name, taken, path.slice(0, 2), `outputs named \`${name}\``, report))
}

function formsOf(item: Json, path: DocumentPath, report: ReportFinding): readonly OutputSpec[] {
  if (isJsonObject(item) && typeof item.name === 'string') return [namedOf(item.name, item, path, report)]
  if (isJsonObject(item) && Object.keys(item).length === 1) return entriesOf(item, path, report)
  const expected = 'an output with `name:` and `value:`, or one name with its template'
  report('bad_value', path, `expected ${expected}, got ${shownValue(item)}`)
  return []
}

/** A map with a name beside its value is an output, not a value, whatever other keys it has. */
function namedOf(name: string, item: JsonObject, path: DocumentPath, report: ReportFinding): OutputSpec {
  if (isWithoutValue(item)) return withoutValue(name, path, report)
  if (!hasValue(item)) return outputOf(name, item, path, report)
  checkKeys(item, { known: OUTPUT_KEYS }, path, report)
  return declared(name, item, path, report)
}

function entriesOf(section: JsonObject, path: DocumentPath, report: ReportFinding): readonly OutputSpec[] {
  return Object.entries(section).map(([name, body]) => outputOf(name, body, [...path, name], report))
}

const OUTPUT_KEYS = ['type', 'value', 'source', 'description', 'format', 'location', 'schema', 'name']

function outputOf(name: string, body: Json, path: DocumentPath, report: ReportFinding): OutputSpec {
  if (isJsonObject(body) && hasValue(body) && Object.keys(body).every((key) => OUTPUT_KEYS.includes(key)))
    return declared(name, body, path, report)
  if (isJsonObject(body) && ('type' in body || 'description' in body) && isWithoutValue(body))
    return withoutValue(name, path, report)
  if (isJsonObject(body)) warnOfSlips(body, path, report)
  return { name, value: body, path }
}

/** Whether a map only declares an output. A map that contains a template is the value of the output. */
function isWithoutValue(body: JsonObject): boolean {
  const declares = !hasValue(body) && Object.keys(body).every((key) => OUTPUT_KEYS.includes(key))
  return declares && !/\{\{|\{%|<AUTO/.test(JSON.stringify(body))
}

function withoutValue(name: string, path: DocumentPath, report: ReportFinding): OutputSpec {
  const hint = 'Add `value: "{{ step.field }}"`.'
  report('output_unresolved', path, `output \`${name}\` has no \`value:\`, so it is null`, { hint })
  return { name, value: null, path }
}

const hasValue = (body: JsonObject) => 'value' in body || 'source' in body

function declared(name: string, body: JsonObject, path: DocumentPath, report: ReportFinding): OutputSpec {
  if ('value' in body && 'source' in body) {
    report(
      'output_spec_conflict',
      path,
      `output \`${name}\` cannot have both \`value:\` and \`source:\`, which mean the same`,
    )
  }
  readArtifact(body, path, report)
  const key = 'value' in body ? 'value' : 'source'
  return { name, value: body[key]!, path: [...path, key] }
}

/** A map without a value is itself the value, unless one of its keys looks like `value:`. */
function warnOfSlips(body: JsonObject, path: DocumentPath, report: ReportFinding): void {
  for (const key of Object.keys(body).filter((key) => !OUTPUT_KEYS.includes(key))) {
    const hint = didYouMean(key, ['value', 'source'])
    if (hint) report('unknown_key', [...path, key], `unknown key \`${key}\``, { key: true, hint })
  }
}
