import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { ModelNeeds } from '../../../model/choose/model-facts.ts'
import { NEEDS_EXAMPLE, parseNeeds } from '../../../model/choose/requirements.ts'
import type { ModelPreference } from '../../../step/policy.ts'
import { suggestOrList } from '../diagnostics/did-you-mean.ts'
import { expectedGot } from '../diagnostics/expected.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import { MODEL_NEED_TABLE } from '../schema/model-need-keys.ts'
import { fieldReader } from '../schema/value-kinds.ts'

/** Reads `requires_model:`; undefined for `none` or when it is empty. Invalid parts are reported. */
export function readModelNeeds(
  value: Json,
  path: DocumentPath,
  report: ReportFinding,
  step?: string,
): ModelNeeds | undefined {
  const about = step === undefined ? {} : { step }
  if (value === 'none' || value === null) return undefined
  if (isWords(value)) return readWords(value, path, report, about)
  if (!isJsonObject(value)) {
    const hint = `In words: \`requires_model: ${NEEDS_EXAMPLE}\`.`
    const expected = 'requirements in words, a map of requirements, or none'
    report('bad_value', path, expectedGot('requires_model', expected, value), { ...about, hint })
    return undefined
  }
  const read = fieldReader(MODEL_NEED_TABLE, value, (name, message, hint) =>
    report('bad_value', [...path, name], message, { ...about, hint }),
  )
  return Object.assign({}, ...Object.keys(value).map((name) => (isKnown(name) ? read(name) : undefined)))

  function isKnown(name: string): boolean {
    const known = Object.hasOwn(MODEL_NEED_TABLE, name)
    const hint = () => suggestOrList(name, Object.keys(MODEL_NEED_TABLE), 'keys')
    if (!known) report('unknown_key', [...path, name], `unknown key \`${name}\``, { ...about, key: true, hint })
    return known
  }
}

const isWords = (value: Json): value is string | string[] =>
  typeof value === 'string' || (Array.isArray(value) && value.every((word) => typeof word === 'string'))

/** Needs in words, as a text or a list of terms. */
function readWords(
  value: string | readonly string[],
  path: DocumentPath,
  report: ReportFinding,
  about: { readonly step?: string },
): ModelNeeds {
  const { needs, faults } = parseNeeds(typeof value === 'string' ? value : value.join(', '))
  for (const { message, hint } of faults) report('bad_value', path, message, { ...about, hint })
  return needs
}

/** The top-level `model:`: a name, a list of names, `{ provider, name }`, or requirements. */
export function readModelPreference(value: Json | undefined, report: ReportFinding): ModelPreference | undefined {
  if (value === undefined || value === null) return undefined
  const names = namesOf(value)
  if (names) return { names }
  if (typeof value !== 'object' || Array.isArray(value)) {
    const expected = 'a name, a list of names, `{ provider, name }`, or a map of requirements'
    report('bad_value', ['model'], expectedGot('model', expected, value))
    return undefined
  }
  const needs = readModelNeeds(value, ['model'], report)
  return needs && { needs }
}

function namesOf(value: Json): readonly string[] | undefined {
  if (isJsonObject(value) && typeof value.name === 'string')
    return [typeof value.provider === 'string' ? `${value.provider}/${value.name}` : value.name]
  const list = Array.isArray(value) ? value : [value]
  const isList = list.length > 0 && list.every((name) => typeof name === 'string' && name.trim() !== '')
  return isList ? (list as string[]).map((name) => name.trim()) : undefined
}
