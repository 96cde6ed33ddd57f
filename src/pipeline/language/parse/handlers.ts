import { is } from '../../../errors.ts'
import { asText, isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { createMatcher } from '../../../template/template.ts'
import { parseBoolean } from '../../../tool/parse-text.ts'
import { suggestOrList } from '../diagnostics/did-you-mean.ts'
import { shownValue } from '../diagnostics/expected.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import { FLAG, fieldReader, NAME, numberBetween, secondsHint, type ValueKind } from '../schema/value-kinds.ts'
import type { AuthoredName, HandlerSpec, StepSpec } from './pipeline-spec.ts'
import { isFailurePolicy } from './policies.ts'
import type { StepReader } from './reader.ts'

const MAX_HANDLERS = 50
const HANDLER_SECTIONS = ['on_error', 'on-error', 'error_handlers']
const LOG_LEVELS = ['debug', 'info', 'warning', 'error', 'critical']
const HANDLER_NAME = { ...NAME, wants: 'a text' }
const SWITCH: ValueKind<boolean> = { ...FLAG, read: (value) => FLAG.read(value ?? false) }
const ERROR_TEXTS = listOf('texts', (item): item is string => typeof item === 'string' && item.length <= 1000)

/** The keys of a handler. An empty switch is off, and an empty list has no items. */
const HANDLER_TABLE = {
  handler_task_id: HANDLER_NAME,
  handler_action: HANDLER_NAME,
  error_types: ERROR_TEXTS,
  error_patterns: ERROR_TEXTS,
  error_codes: listOf('numbers or texts', (item) => typeof item === 'string' || typeof item === 'number'),
  priority: numberBetween(1, 10_000),
  enabled: { wants: 'true, false or a template', read: readEnabled },
  retry_with_handler: SWITCH,
  max_handler_retries: numberBetween(0, 100),
  propagate_error: SWITCH,
  continue_on_handler_failure: SWITCH,
  fallback_value: {},
  fallback_result: {},
  capture_error_context: SWITCH,
  log_level: {
    wants: `one of ${LOG_LEVELS.join(', ')}`,
    read: (value: Json) => LOG_LEVELS.find((known) => known === asText(value).toLowerCase()),
  },
  timeout: { ...numberBetween(0.1, 3600), hint: secondsHint },
}
export const HANDLER_KEYS = Object.keys(HANDLER_TABLE)

function listOf<Item extends Json>(what: string, isItem: (item: Json) => item is Item): ValueKind<readonly Item[]> {
  return {
    wants: `a list of up to ${MAX_HANDLERS} ${what}`,
    read(value) {
      const list: readonly Json[] = Array.isArray(value) ? value : [value ?? []].flat()
      return list.length <= MAX_HANDLERS && list.every(isItem) ? list : undefined
    },
  }
}

function readEnabled(value: Json): boolean | string | undefined {
  return typeof value === 'string' ? (parseBoolean(value) ?? value) : FLAG.read(value ?? true)
}

/** Reads `on_error:` or `error_handlers:`: handlers sorted by priority, or one word or sentence. */
export function readHandlers({ step, path, report, id }: StepReader): Pick<StepSpec, 'handlers' | 'onError'> {
  const given = HANDLER_SECTIONS.filter((key) => step[key] !== undefined)
  const [key] = given
  if (key === undefined) return { handlers: [] }
  if (given.length > 1) {
    const message = `a step cannot have both \`${key}:\` and \`${given[1]}:\``
    report('error_handler_invalid', [...path, given[1]!], message, { step: id })
  }
  const value = step[key]!
  if (typeof value !== 'string') return { handlers: readList(value, [...path, key], report, id) }
  return isFailurePolicy(value)
    ? { handlers: [] }
    : { handlers: [], ...readOnErrorText(value, [...path, key], report, id) }
}

/** The global handlers at the top level. */
export function readGlobalHandlers(
  { global_error_handlers: value }: JsonObject,
  report: ReportFinding,
): readonly HandlerSpec[] {
  return value === undefined ? [] : readList(value, ['global_error_handlers'], report)
}

function readOnErrorText(
  text: string,
  path: DocumentPath,
  report: ReportFinding,
  step: string,
): { onError?: AuthoredName } {
  if (text.trim() !== '') return { onError: { text: text.trim(), path } }
  report('error_handler_invalid', path, '`on_error:` is empty', { step })
  return {}
}

/** Reads a list of handlers and sorts it by priority. */
function readList(value: Json, path: DocumentPath, report: ReportFinding, step?: string): readonly HandlerSpec[] {
  const list = Array.isArray(value) ? value : [value]
  if (list.length > MAX_HANDLERS)
    report('error_handler_invalid', path, `more than ${MAX_HANDLERS} handlers`, about(step))
  const handlers = list.slice(0, MAX_HANDLERS).flatMap((item, index) => {
    const at = Array.isArray(value) ? [...path, index] : path
    if (isJsonObject(item)) return [readHandler({ fields: item, path: at, report, ...about(step) })]
    report(
      'error_handler_invalid',
      at,
      `expected a handler, which is a map with \`handler_task_id:\` or \`handler_action:\`, got ${shownValue(item)}`,
      about(step),
    )
    return []
  })
  return handlers.toSorted((a, b) => a.priority - b.priority)
}

const about = (step: string | undefined) => (step === undefined ? {} : { step })

type HandlerReader = {
  readonly fields: JsonObject
  readonly path: DocumentPath
  readonly report: ReportFinding
  readonly step?: string
}

function readHandler(handler: HandlerReader): HandlerSpec {
  const { fields, path } = handler
  checkFields(handler)
  const read = fieldReader(HANDLER_TABLE, fields, (key, message, hint) => refuse(handler, key, message, hint))
  const task = read('handler_task_id')
  const action = read('handler_action')
  const timeout = read('timeout')
  const level = read('log_level')
  const value = fields.fallback_value ?? fields.fallback_result
  return {
    path,
    ...(task !== undefined && { task: { text: task, path: [...path, 'handler_task_id'] } }),
    ...(action !== undefined && { action: { text: action, path: [...path, 'handler_action'] } }),
    when: {
      types: (read('error_types') ?? []).filter((type) => type !== '*'),
      patterns: checkPatterns(handler, read('error_patterns') ?? []),
      codes: read('error_codes') ?? [],
      enabled: read('enabled') ?? true,
    },
    priority: read('priority') ?? 100,
    ...(fields.retry_with_handler !== undefined && { retries: read('retry_with_handler') ?? false }),
    rounds: read('max_handler_retries') ?? 1,
    propagates: read('propagate_error') ?? false,
    goesOn: read('continue_on_handler_failure') ?? false,
    ...(value !== undefined && { value }),
    context: read('capture_error_context') ?? false,
    ...(level !== undefined && { level }),
    ...(timeout !== undefined && { timeout: timeout * 1000 }),
  }
}

function checkFields(handler: HandlerReader): void {
  const { fields } = handler
  for (const key of Object.keys(fields).filter((key) => !HANDLER_KEYS.includes(key)))
    refuse(handler, key, `unknown key \`${key}\` of a handler`, suggestOrList(key, HANDLER_KEYS, 'fields'))
  const has = (key: string) => fields[key] !== undefined
  if (has('handler_task_id') && has('handler_action'))
    refuse(handler, 'handler_action', 'a handler cannot have both `handler_task_id:` and `handler_action:`')
  if (has('fallback_value') && has('fallback_result'))
    refuse(handler, 'fallback_result', '`fallback_value:` and `fallback_result:` mean the same')
  if (!['handler_task_id', 'handler_action', 'fallback_value', 'fallback_result'].some(has))
    refuse(handler, undefined, 'a handler requires `handler_task_id:`, `handler_action:` or `fallback_value:`')
}

function refuse(
  { path, report, step }: HandlerReader,
  key: string | undefined,
  message: string,
  hint?: string,
): undefined {
  const at = key === undefined ? path : [...path, key]
  report('error_handler_invalid', at, message, { ...about(step), ...(hint && { hint }) })
}

function checkPatterns({ path, report, step, fields }: HandlerReader, patterns: readonly string[]): readonly string[] {
  const judge = patternCheckFor(report)
  for (const [index, pattern] of patterns.entries()) {
    const fault = judge(pattern)
    const at = Array.isArray(fields.error_patterns) ? [index] : []
    if (fault) report(fault.code, [...path, 'error_patterns', ...at], fault.message, about(step))
  }
  return patterns
}

type PatternFaultCode = 'error_handler_invalid' | 'too_large'

/** Checks a pattern; undefined when it is valid or was not checked. */
type CheckPattern = (pattern: string) => { readonly code: PatternFaultCode; readonly message: string } | undefined

/** Checks patterns, each once. If all of them together are too large to check, this is reported once. */
export function createPatternCheck(): CheckPattern {
  const matches = createMatcher()
  const known = new Map<string, ReturnType<CheckPattern>>()
  let isTooMuch = false
  return (pattern) => {
    if (known.has(pattern) || isTooMuch) return known.get(pattern)
    const fault = faultOf(pattern, matches)
    isTooMuch = fault?.code === 'too_large'
    known.set(pattern, isTooMuch ? undefined : fault)
    return fault
  }
}

function faultOf(pattern: string, matches: (pattern: string, text: string) => boolean): ReturnType<CheckPattern> {
  try {
    matches(pattern, '')
    return undefined
  } catch (error) {
    if (!is(error)) throw error
    if (error.code === 'template_limit')
      return { code: 'too_large', message: 'the patterns of this pipeline are too large in total' }
    const message = `${JSON.stringify(pattern)} is not a valid pattern: ${error.message}`
    return { code: 'error_handler_invalid', message }
  }
}

// a repeated pattern is reported once
const patternChecks = new WeakMap<ReportFinding, CheckPattern>()

/** The pattern check that all patterns of a document share. */
function patternCheckFor(report: ReportFinding): CheckPattern {
  const judge = patternChecks.get(report) ?? createPatternCheck()
  patternChecks.set(report, judge)
  return judge
}
