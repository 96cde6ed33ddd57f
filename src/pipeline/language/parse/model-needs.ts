import { asText, isJsonObject } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import { CAPABILITY_LEVELS } from '../../../model/choose/levels.ts'
import type { ModelNeeds } from '../../../model/choose/model-facts.ts'
import { NEEDS_EXAMPLE, parseModelSize, parseNeeds, parseTokenCount } from '../../../model/choose/requirements.ts'
import type { ModelPreference } from '../../plan/compiled.ts'
import { didYouMean, suggestOrList } from '../diagnostics/did-you-mean.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import { BUDGET_PERIOD_WORDS, BUDGET_PERIODS } from '../schema/key-table.ts'

/** Reads a value as part of the needs; undefined when it is invalid. */
type ReadNeed = (value: Json) => Partial<ModelNeeds> | undefined
type NeedField = { readonly wants: string; readonly read: ReadNeed }

const SIZE_TEXT = 'a size such as 7B'
const TOKENS_TEXT = 'a number of tokens, such as 100k'
const AMOUNT_TEXT = 'a number, 0 or more'
const NAMES_TEXT = 'a list of names'
const FALLBACK_STRATEGIES = ['best_available', 'cheapest', 'fail'] as const

const ENUM_WORDS = [...CAPABILITY_LEVELS, ...FALLBACK_STRATEGIES, ...BUDGET_PERIOD_WORDS]

/** The keys of `requires_model:`. */
export const MODEL_NEED_FIELDS: { readonly [name: string]: NeedField } = {
  min_size: { wants: SIZE_TEXT, read: size('minSize') },
  max_size: { wants: SIZE_TEXT, read: size('maxSize') },
  expertise: { wants: `one of ${CAPABILITY_LEVELS.join(', ')}, or a list of words`, read: readExpertise },
  capabilities: { wants: NAMES_TEXT, read: names('capabilities') },
  modalities: { wants: NAMES_TEXT, read: names('modalities') },
  context: { wants: TOKENS_TEXT, read: readContext },
  offline: { wants: 'true or false', read: readOffline },
  max_latency_ms: { wants: AMOUNT_TEXT, read: amount('maxLatencyMs') },
  min_tokens_per_second: { wants: AMOUNT_TEXT, read: amount('minTokensPerSecond') },
  min_accuracy_score: { wants: AMOUNT_TEXT, read: amount('minAccuracy') },
  cost_limit: { wants: AMOUNT_TEXT, read: amount('costLimit') },
  budget_period: { wants: `one of ${BUDGET_PERIOD_WORDS.join(', ')}`, read: readPeriod },
  preferred: { wants: NAMES_TEXT, read: names('preferred') },
  excluded: { wants: NAMES_TEXT, read: names('excluded') },
  fallback_strategy: { wants: `one of ${FALLBACK_STRATEGIES.join(', ')}`, read: readStrategy },
}

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
  if (typeof value !== 'object' || Array.isArray(value)) {
    const hint = `in words: \`requires_model: ${NEEDS_EXAMPLE}\``
    report('bad_value', path, '`requires_model:` must be requirements in words, a map of requirements, or none', {
      ...about,
      hint,
    })
    return undefined
  }
  return Object.assign(
    {},
    ...Object.entries(value).map(([name, given = null]) => readField(name, given, [...path, name])),
  )

  function readField(name: string, given: Json, at: DocumentPath): Partial<ModelNeeds> | undefined {
    const field = Object.hasOwn(MODEL_NEED_FIELDS, name) ? MODEL_NEED_FIELDS[name] : undefined
    const read = field?.read(given)
    if (!field) {
      const hint = suggestOrList(name, Object.keys(MODEL_NEED_FIELDS), 'keys')
      report('unknown_key', at, `unknown key \`${name}\``, { ...about, key: true, hint })
    } else if (!read) {
      const hint = field.wants.startsWith('one of') ? didYouMean(asText(given), ENUM_WORDS) : undefined
      report('bad_value', at, `\`${name}:\` must be ${field.wants}`, { ...about, hint })
    }
    return read
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
    const message = '`model:` must be a name, a list of names, `{ provider, name }`, or a map of requirements'
    report('bad_value', ['model'], message)
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

function size(name: 'minSize' | 'maxSize'): ReadNeed {
  return (value) => {
    const read = typeof value === 'string' || typeof value === 'number' ? parseModelSize(value) : undefined
    return read === undefined ? undefined : { [name]: read }
  }
}

function amount(name: 'maxLatencyMs' | 'minTokensPerSecond' | 'minAccuracy' | 'costLimit'): ReadNeed {
  return (value) => (typeof value === 'number' && value >= 0 ? { [name]: value } : undefined)
}

function readContext(value: Json): Partial<ModelNeeds> | undefined {
  const minContext = typeof value === 'string' || typeof value === 'number' ? parseTokenCount(value) : undefined
  return minContext === undefined ? undefined : { minContext }
}

function readOffline(value: Json): Partial<ModelNeeds> | undefined {
  return typeof value === 'boolean' ? { local: value } : undefined
}

function names(name: 'capabilities' | 'modalities' | 'preferred' | 'excluded'): ReadNeed {
  return (value) => {
    const list = namesIn(value)
    return list && { [name]: list }
  }
}

function namesIn(value: Json): readonly string[] | undefined {
  const list = typeof value === 'string' ? value.split(',').map((name) => name.trim()) : value
  return Array.isArray(list) && list.every((one) => typeof one === 'string') ? (list as string[]) : undefined
}

function readExpertise(value: Json): Partial<ModelNeeds> | undefined {
  const level = CAPABILITY_LEVELS.find((known) => known === value)
  if (level) return { level }
  return Array.isArray(value) && value.every((tag) => typeof tag === 'string') ? { tags: value as string[] } : undefined
}

function readPeriod(value: Json): Partial<ModelNeeds> | undefined {
  const [word, budgetPeriod] = BUDGET_PERIODS.find(([known]) => known === value) ?? []
  return word === undefined ? undefined : { ...(budgetPeriod && { budgetPeriod }) }
}

function readStrategy(value: Json): Partial<ModelNeeds> | undefined {
  const otherwise = FALLBACK_STRATEGIES.find((known) => known === value)
  return otherwise && { otherwise }
}
