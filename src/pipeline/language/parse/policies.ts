import { asText, isJsonObject } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { EffectClass } from '../../../kernel/types.ts'
import { timeSpanSchema } from '../../../lib/time-span.ts'
import type { Backoff } from '../../plan/compiled.ts'
import { didYouMean, suggestOrList } from '../diagnostics/did-you-mean.ts'
import { CACHE_TABLE, MAX_CACHE_TAGS, MAX_CACHE_TTL_SECONDS } from '../schema/step-keys.ts'
import { hasAutoTag } from '../source/find-tags.ts'
import type { AuthoredName, StepSpec } from './pipeline-spec.ts'
import { reportKey, type StepReader } from './reader.ts'

/** The words of `on_failure:`. */
export const FAILURE_POLICIES = ['fail', 'continue', 'skip', 'retry', 'undo']

type Policies = Pick<StepSpec, 'onFailure' | 'attempts' | 'timeout' | 'patience' | 'effect' | 'backoff'> & {
  /** `on_failure:` names a step */
  readonly failureRoute?: AuthoredName
}

/** Reads what happens on failure, the number of attempts and the timeout. */
export function readPolicies(reader: StepReader): Policies {
  const failure = readOnFailure(reader)
  const attempts = readAttempts(reader) ?? (failure.tries ? DEFAULT_RETRY_ATTEMPTS : undefined)
  const backoff = readBackoff(reader)
  const timeout = readNumberKey(reader, 'timeout', 0.001, 24 * 60 * 60)
  const patience = readPatience(reader)
  const effect = readEffect(reader)
  return {
    onFailure: failure.policy,
    ...(failure.route && { failureRoute: failure.route }),
    ...(attempts !== undefined && { attempts: Math.max(1, attempts) }),
    ...(backoff && { backoff }),
    ...(timeout !== undefined && { timeout: timeout * 1000 }),
    ...(patience !== undefined && { patience }),
    ...(effect !== undefined && { effect }),
  }
}

/** A time span, in ms. */
function readPatience(reader: StepReader): number | undefined {
  const { patience } = reader.step
  if (patience === undefined) return undefined
  const { data: seconds } = timeSpanSchema.safeParse(patience)
  if (seconds !== undefined && seconds <= MAX_PATIENCE_SECONDS) return seconds * 1000
  return reportKey(reader, 'bad_value', 'patience', '`patience:` must be seconds or a time such as 30m, at most 7d')
}

const MAX_PATIENCE_SECONDS = 7 * 86_400

/** Reads a number; it must be whole unless the minimum is a fraction. */
export function readNumberKey(reader: StepReader, key: string, least: number, most: number): number | undefined {
  const value = reader.step[key]
  if (value === undefined) return undefined
  const whole = Number.isInteger(least)
  if (typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value))) return value
  const kind = whole ? 'a whole number' : 'a number of seconds'
  return reportKey(reader, 'bad_value', key, `\`${key}:\` must be ${kind} from ${least} to ${most}`)
}

// attempts

/** The attempts of a step that is to be retried, if its author did not set a number. */
const DEFAULT_RETRY_ATTEMPTS = 3

/** `retry:` counts the attempts after the first, `max_retries:` all of them, also inside `retry_config:`. */
function readAttempts(reader: StepReader): number | undefined {
  const { retry } = reader.step
  const again = isJsonObject(retry) ? undefined : readNumberKey(reader, 'retry', 0, 100)
  const all = readNumberKey(reader, 'max_retries', 0, 100) ?? readConfigured(reader, 'max_retries', 0, 100)
  if (again === undefined) return all
  if (all !== undefined && all !== again + 1) ignoreBeside(reader, 'max_retries', `retry: ${again}`)
  return again + 1
}

/** Warns of a key that another key with a different value overrides. */
function ignoreBeside({ id, path, report, step }: StepReader, key: string, other: string): void {
  if (step[key] === undefined) return
  report('unknown_key', [...path, key], `\`${key}: ${asText(step[key])}\` has no effect with \`${other}\``, {
    key: true,
    step: id,
    hint: 'keep one of them',
  })
}

/** Seconds, as authors write them, in ms. */
const BACKOFF_DEFAULTS = { initial_delay: 1, backoff_factor: 2, max_delay: 3600 }
/** The keys of `retry_config:`. */
export const RETRY_CONFIG_KEYS = [...Object.keys(BACKOFF_DEFAULTS), 'max_retries', 'jitter']

function configOf({ step }: StepReader) {
  return isJsonObject(step.retry)
    ? { key: 'retry', config: step.retry }
    : { key: 'retry_config', config: step.retry_config }
}

function readBackoff(reader: StepReader): Backoff | undefined {
  const { key, config } = configOf(reader)
  if (config === undefined) return undefined
  if (!isJsonObject(config))
    return reportKey(reader, 'bad_value', key, `\`${key}:\` must be a map with ${RETRY_CONFIG_KEYS.join(', ')}`)
  for (const name of Object.keys(config).filter((name) => !RETRY_CONFIG_KEYS.includes(name))) {
    const hint = suggestOrList(name, RETRY_CONFIG_KEYS, 'keys')
    reader.report('unknown_key', [...reader.path, key, name], `\`${key}:\` has no key \`${name}\``, {
      key: true,
      step: reader.id,
      hint,
    })
  }
  if (config.jitter !== undefined && typeof config.jitter !== 'boolean')
    complainOfConfig(reader, 'jitter', '`jitter:` must be true or false')
  return {
    first: (readConfigured(reader, 'initial_delay', 0, 86_400) ?? BACKOFF_DEFAULTS.initial_delay) * 1000,
    factor: readConfigured(reader, 'backoff_factor', 1, 100) ?? BACKOFF_DEFAULTS.backoff_factor,
    most: (readConfigured(reader, 'max_delay', 0, 7 * 86_400) ?? BACKOFF_DEFAULTS.max_delay) * 1000,
    jitter: config.jitter !== false,
  }
}

function readConfigured(reader: StepReader, name: string, least: number, most: number): number | undefined {
  const { config } = configOf(reader)
  const value = isJsonObject(config) ? config[name] : undefined
  if (value === undefined || (typeof value === 'number' && value >= least && value <= most)) return value
  return complainOfConfig(reader, name, `\`${name}:\` must be a number from ${least} to ${most}`)
}

function complainOfConfig(reader: StepReader, name: string, message: string): undefined {
  reader.report('bad_value', [...reader.path, configOf(reader).key, name], message, { step: reader.id })
}

// failure

type FailurePolicy = { readonly policy: StepSpec['onFailure']; readonly route?: AuthoredName; readonly tries?: true }

function readOnFailure(reader: StepReader): FailurePolicy {
  const { on_failure: policy, continue_on_error: goesOn, on_error: error, 'on-error': hyphened } = reader.step
  const word = error ?? hyphened
  if (goesOn !== undefined && typeof goesOn !== 'boolean') {
    reportKey(reader, 'bad_value', 'continue_on_error', '`continue_on_error:` must be true or false')
  }
  const otherwise = goesOn === true ? 'continue' : 'fail'
  if (policy !== undefined) {
    const other = `on_failure: ${asText(policy)}`
    if (typeof goesOn === 'boolean' && goesOn !== CONTINUING_POLICIES.includes(asText(policy)))
      ignoreBeside(reader, 'continue_on_error', other)
    if (isFailurePolicy(word) && word !== policy)
      ignoreBeside(reader, error === undefined ? 'on-error' : 'on_error', other)
    return failureOf(reader, 'on_failure', policy)
  }
  return isFailurePolicy(word) ? failureOf(reader, 'on_error', word) : { policy: otherwise }
}

/** Policies with which the run continues. */
const CONTINUING_POLICIES = ['continue', 'skip', 'retry']

/** Whether `on_error:` is one of the words of `on_failure:`. */
export const isFailurePolicy = (word: unknown): word is string =>
  typeof word === 'string' && FAILURE_POLICIES.includes(word)

function failureOf(reader: StepReader, key: string, word: unknown): FailurePolicy {
  switch (word) {
    case 'fail':
    case 'continue':
    case 'skip':
    case 'undo':
      return { policy: word }
    case 'retry':
      return { policy: 'continue', tries: true }
    default:
      return routeTo(reader, key, word)
  }
}

/** Any other word is the step to continue with. */
function routeTo(reader: StepReader, key: string, word: unknown): FailurePolicy {
  if (typeof word === 'string' && hasAutoTag(word)) {
    const hint = 'name a step; that step may have `goto: <AUTO>…</AUTO>`'
    reportKey(
      reader,
      'not_supported',
      key,
      `a model cannot choose the route after a failure: <AUTO> in \`${key}:\``,
      hint,
    )
    return { policy: 'fail' }
  }
  if (typeof word === 'string' && word.trim() !== '')
    return { policy: 'continue', route: { text: word.trim(), path: [...reader.path, key] } }
  reportKey(
    reader,
    'bad_value',
    key,
    `\`${key}:\` must be one of ${FAILURE_POLICIES.join(', ')}, or the id of a step to continue with`,
  )
  return { policy: 'fail' }
}

const EFFECTS: readonly EffectClass[] = ['pure', 'idempotent', 'at-most-once']

function readEffect(reader: StepReader): EffectClass | undefined {
  const value = reader.step.effect
  if (value === undefined) return undefined
  const effect = EFFECTS.find((known) => known === value)
  return (
    effect ??
    reportKey(
      reader,
      'bad_value',
      'effect',
      `\`effect:\` must be one of ${EFFECTS.join(', ')}`,
      didYouMean(asText(value), EFFECTS),
    )
  )
}

type CachePolicy = Pick<StepSpec, 'cache' | 'cacheTags'>

/** Whether replies are cached for a step, for how long, and with which tags. */
export function readCachePolicy(reader: StepReader): CachePolicy {
  const { cache } = reader.step
  if (cache === undefined) return {}
  const read = typeof cache === 'boolean' ? { cache } : readTerms(cache)
  if (typeof read !== 'string') return read
  reportKey(reader, 'bad_value', 'cache', read)
  return {}
}

/** A map of terms, or its fault. */
function readTerms(cache: Json): CachePolicy | string {
  const { ttl, tags, ...more } = isJsonObject(cache) ? cache : { more: null }
  if (Object.keys(more).length > 0 || (ttl === undefined && tags === undefined)) return EXPECTED_TERMS
  if (ttl !== undefined && !(typeof ttl === 'number' && ttl > 0 && ttl <= MAX_CACHE_TTL_SECONDS)) return EXPECTED_TERMS
  if (tags !== undefined && !areTags(tags)) return EXPECTED_TAGS
  return { cache: ttl === undefined ? true : { ttl }, ...(tags && { cacheTags: tags }) }
}

const EXPECTED_TERMS = `\`cache:\` must be true, false, or a map of ${Object.keys(CACHE_TABLE).join(' and ')}: \`{ ttl: seconds, tags: [report] }\`, at most 30 days`
const EXPECTED_TAGS = `\`tags\` of \`cache:\` must be a list of 1 to ${MAX_CACHE_TAGS} texts`

function areTags(tags: Json): tags is string[] {
  const isList = Array.isArray(tags) && tags.length > 0 && tags.length <= MAX_CACHE_TAGS
  return isList && tags.every((tag) => typeof tag === 'string' && tag.trim() !== '')
}
