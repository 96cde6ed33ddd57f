import { asText, isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { present } from '../../../lib/json/present.ts'
import type { OnTruncated } from '../../../model/request/request.ts'
import type { Backoff } from '../../../step/policy.ts'
import { suggestOrList } from '../diagnostics/did-you-mean.ts'
import { expectedGot } from '../diagnostics/expected.ts'
import { CACHE_TABLE, MAX_CACHE_TAGS, MAX_CACHE_TTL_SECONDS, RETRY_CONFIG_TABLE } from '../schema/step-keys.ts'
import { fieldReader } from '../schema/value-kinds.ts'
import { hasAutoTag } from '../source/find-tags.ts'
import type { AuthoredName, StepSpec } from './pipeline-spec.ts'
import { readKey, reportKey, reportValue, type StepReader } from './reader.ts'

/** The words of `on_failure:`. */
export const FAILURE_POLICIES = ['fail', 'continue', 'skip', 'retry', 'undo']

/** Reads failure handling, the number of attempts and the timeout. `failureRoute`: `on_failure:` names a step. */
export function readPolicies(reader: StepReader) {
  const failure = readOnFailure(reader)
  const attempts = readAttempts(reader) ?? (failure.tries ? DEFAULT_RETRY_ATTEMPTS : undefined)
  const backoff = readBackoff(reader)
  const timeout = readKey(reader, 'timeout')
  const patience = readKey(reader, 'patience')
  const effect = readKey(reader, 'effect')
  const onTruncated = readOnTruncated(reader)
  const promptCache = readKey(reader, 'promptCache')
  const priority = readKey(reader, 'priority')
  return {
    onFailure: failure.policy,
    ...present({ onTruncated, promptCache, priority, failureRoute: failure.route }),
    ...(attempts !== undefined && { attempts: Math.max(1, attempts) }),
    ...present({ backoff, timeout, patience, effect }),
  }
}

/** A step with `tools:` asks an agent, which asks for the rest by itself. */
function readOnTruncated(reader: StepReader): OnTruncated | undefined {
  const { on_truncated: given, tools } = reader.step
  if (given === undefined || tools === undefined) return readKey(reader, 'on_truncated')
  return reportKey(
    reader,
    'not_supported',
    'on_truncated',
    '`on_truncated:` is not supported together with `tools:`',
    'such a step asks for the rest of a text by itself',
  )
}

// attempts

/** The attempts of a step that is to be retried, if its author did not set a number. */
const DEFAULT_RETRY_ATTEMPTS = 3

/** `retry:` counts the attempts after the first, `max_retries:` all of them, also inside `retry_config:`. */
function readAttempts(reader: StepReader): number | undefined {
  const { retry } = reader.step
  const again = isJsonObject(retry) ? undefined : readKey(reader, 'retry')
  const all = readKey(reader, 'max_retries') ?? configReader(reader)('max_retries')
  if (all !== undefined && again === undefined) explainMaxRetries(reader, all)
  if (again === undefined) return all
  if (all !== undefined && all !== again + 1) ignoreBeside(reader, 'max_retries', `retry: ${again}`)
  return again + 1
}

/** py-orc's word counts all attempts, which its name does not say. */
function explainMaxRetries(reader: StepReader, all: number): void {
  const { key } = configOf(reader.step)
  const at = reader.step.max_retries === undefined ? [key, 'max_retries'] : ['max_retries']
  const again = Math.max(all - 1, 0)
  const message = `\`max_retries: ${all}\` counts all attempts: the first and ${again} more`
  const beside = at.length > 1 ? ', and the pauses under retry_config:' : ''
  reader.report('deprecated_alias', [...reader.path, ...at], message, {
    key: true,
    step: reader.id,
    hint: `Write \`retry: ${again}${beside}\`.`,
  })
}

/** Warns of a key that another key with a different value overrides. */
function ignoreBeside({ id, path, report, step }: StepReader, key: string, other: string): void {
  if (step[key] === undefined) return
  report('unknown_key', [...path, key], `\`${key}: ${asText(step[key])}\` has no effect with \`${other}\``, {
    key: true,
    step: id,
    hint: 'Keep one of them.',
  })
}

/** Seconds, as authors write them. */
const BACKOFF_DEFAULTS = { initial_delay: 1, backoff_factor: 2, max_delay: 3600 }
/** Words for the number of attempts, which is not among the pauses. */
const COUNT = /^(?:max_)?(?:attempts|retry|retries)$/
const HOW_OFTEN =
  'The attempts after the first are `retry: 2`, and the pauses between them stand under `retry_config:`.'
export const RETRY_CONFIG_KEYS = Object.keys(RETRY_CONFIG_TABLE)

function configOf({ retry, retry_config: config }: JsonObject) {
  return isJsonObject(retry) ? { key: 'retry', config: retry } : { key: 'retry_config', config }
}

function readBackoff(reader: StepReader): Backoff | undefined {
  const { key, config } = configOf(reader.step)
  if (config === undefined) return undefined
  if (!isJsonObject(config)) return reportValue(reader, key, `a map with ${RETRY_CONFIG_KEYS.join(', ')}`)
  for (const name of Object.keys(config).filter((name) => !RETRY_CONFIG_KEYS.includes(name))) {
    const hint = COUNT.test(name) ? HOW_OFTEN : suggestOrList(name, RETRY_CONFIG_KEYS, 'keys')
    reader.report('unknown_key', [...reader.path, key, name], `\`${key}:\` has no key \`${name}\``, {
      key: true,
      step: reader.id,
      hint,
    })
  }
  const read = configReader(reader)
  const jitter = read('jitter') ?? true
  return {
    first: (read('initial_delay') ?? BACKOFF_DEFAULTS.initial_delay) * 1000,
    factor: read('backoff_factor') ?? BACKOFF_DEFAULTS.backoff_factor,
    most: (read('max_delay') ?? BACKOFF_DEFAULTS.max_delay) * 1000,
    jitter,
  }
}

function configReader({ step, id, path, report }: StepReader) {
  const { key, config } = configOf(step)
  return fieldReader(RETRY_CONFIG_TABLE, isJsonObject(config) ? config : {}, (name, message) =>
    report('bad_value', [...path, key, name], message, { step: id }),
  )
}

// failure

type FailurePolicy = { readonly policy: StepSpec['onFailure']; readonly route?: AuthoredName; readonly tries?: true }

function readOnFailure(reader: StepReader): FailurePolicy {
  const { on_failure: policy, on_error: error, 'on-error': hyphened } = reader.step
  const word = error ?? hyphened
  const goesOn = readKey(reader, 'continue_on_error')
  const otherwise = goesOn === true ? 'continue' : 'fail'
  if (policy !== undefined) {
    const other = `on_failure: ${asText(policy)}`
    if (goesOn !== undefined && goesOn !== CONTINUING_POLICIES.includes(asText(policy)))
      ignoreBeside(reader, 'continue_on_error', other)
    if (isFailurePolicy(word) && word !== policy)
      ignoreBeside(reader, error === undefined ? 'on-error' : 'on_error', other)
    return failureOf(reader, 'on_failure', policy)
  }
  return isFailurePolicy(word) ? failureOf(reader, 'on_error', word) : { policy: otherwise }
}

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
    const hint = 'Name a step. That step may have `goto: <AUTO>…</AUTO>`.'
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
  reportValue(reader, key, `one of ${FAILURE_POLICIES.join(', ')}, or the id of a step to continue with`)
  return { policy: 'fail' }
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
  if (!isJsonObject(cache)) return expectedGot('cache', EXPECTED_TERMS, cache)
  const { ttl, tags, ...more } = cache
  const [stray] = Object.keys(more)
  if (stray !== undefined || (ttl === undefined && tags === undefined))
    return `\`cache\`: expected ${EXPECTED_TERMS}, got ${stray === undefined ? 'an empty map' : `the key \`${stray}\``}`
  if (ttl !== undefined && !(typeof ttl === 'number' && ttl > 0 && ttl <= MAX_CACHE_TTL_SECONDS))
    return expectedGot('cache.ttl', 'a number of seconds above 0, at most 30 days', ttl)
  if (tags !== undefined && !areTags(tags))
    return expectedGot('cache.tags', `a list of 1 to ${MAX_CACHE_TAGS} texts`, tags)
  return { cache: ttl === undefined ? true : { ttl }, ...(tags && { cacheTags: tags }) }
}

const EXPECTED_TERMS = `true, false, or a map of ${Object.keys(CACHE_TABLE).join(' and ')}, such as \`{ ttl: 3600, tags: [report] }\``

function areTags(tags: Json): tags is string[] {
  const isList = Array.isArray(tags) && tags.length > 0 && tags.length <= MAX_CACHE_TAGS
  return isList && tags.every((tag) => typeof tag === 'string' && tag.trim() !== '')
}
