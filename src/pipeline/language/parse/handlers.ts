import { asText, isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import { parseBoolean } from '../../../tool/parse-text.ts'
import { suggestOrList } from '../diagnostics/did-you-mean.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import { patternCheckFor } from './patterns.ts'
import type { AuthoredName, HandlerSpec, StepSpec } from './pipeline-spec.ts'
import { isFailurePolicy } from './policies.ts'
import type { StepReader } from './reader.ts'

const MAX_HANDLERS = 50
const HANDLER_SECTIONS = ['on_error', 'on-error', 'error_handlers']
/** The keys of a handler. */
export const HANDLER_KEYS = [
  ...['handler_task_id', 'handler_action', 'error_types', 'error_patterns', 'error_codes', 'priority', 'enabled'],
  ...['retry_with_handler', 'max_handler_retries', 'propagate_error', 'continue_on_handler_failure'],
  ...['fallback_value', 'fallback_result', 'capture_error_context', 'log_level', 'timeout'],
]
const LOG_LEVELS = ['debug', 'info', 'warning', 'error', 'critical']

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
      'a handler must be a map with `handler_task_id:` or `handler_action:`',
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
  const task = readName(handler, 'handler_task_id')
  const action = readName(handler, 'handler_action')
  const timeout = readNumber(handler, 'timeout', 0.1, 3600)
  const level = readLevel(handler)
  const value = fields.fallback_value ?? fields.fallback_result
  return {
    path,
    ...(task && { task }),
    ...(action && { action }),
    when: {
      types: readTexts(handler, 'error_types').filter((type) => type !== '*'),
      patterns: readPatterns(handler),
      codes: readCodes(handler),
      enabled: readEnabled(handler),
    },
    priority: readNumber(handler, 'priority', 1, 10_000) ?? 100,
    ...(fields.retry_with_handler !== undefined && { retries: readFlag(handler, 'retry_with_handler') }),
    rounds: readNumber(handler, 'max_handler_retries', 0, 100) ?? 1,
    propagates: readFlag(handler, 'propagate_error'),
    goesOn: readFlag(handler, 'continue_on_handler_failure'),
    ...(value !== undefined && { value }),
    context: readFlag(handler, 'capture_error_context'),
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

function readName(handler: HandlerReader, key: string): AuthoredName | undefined {
  const value = handler.fields[key]
  if (value === undefined) return undefined
  if (typeof value !== 'string' || value.trim() === '') return refuse(handler, key, `\`${key}:\` must be a text`)
  return { text: value.trim(), path: [...handler.path, key] }
}

function readNumber(handler: HandlerReader, key: string, least: number, most: number): number | undefined {
  const value = handler.fields[key]
  if (value === undefined || (typeof value === 'number' && value >= least && value <= most)) return value
  return refuse(handler, key, `\`${key}:\` must be a number from ${least} to ${most}`)
}

function readFlag(handler: HandlerReader, key: string): boolean {
  const value = handler.fields[key] ?? false
  if (typeof value !== 'boolean') refuse(handler, key, `\`${key}:\` must be true or false`)
  return value === true
}

function readTexts(handler: HandlerReader, key: string): readonly string[] {
  const value = handler.fields[key] ?? []
  const list = Array.isArray(value) ? value : [value]
  if (list.length <= MAX_HANDLERS && list.every((item) => typeof item === 'string' && item.length <= 1000))
    return list as string[]
  refuse(handler, key, `\`${key}:\` must be a list of up to ${MAX_HANDLERS} texts`)
  return []
}

function readPatterns(handler: HandlerReader): readonly string[] {
  const { path, report, step, fields } = handler
  const patterns = readTexts(handler, 'error_patterns')
  const judge = patternCheckFor(report)
  for (const [index, pattern] of patterns.entries()) {
    const fault = judge(pattern)
    const at = Array.isArray(fields.error_patterns) ? [index] : []
    if (fault) report(fault.code, [...path, 'error_patterns', ...at], fault.message, about(step))
  }
  return patterns
}

function readCodes(handler: HandlerReader): readonly (string | number)[] {
  const value = handler.fields.error_codes ?? []
  const list = Array.isArray(value) ? value : [value]
  if (list.length <= MAX_HANDLERS && list.every((item) => typeof item === 'string' || typeof item === 'number'))
    return list as (string | number)[]
  refuse(handler, 'error_codes', `\`error_codes:\` must be a list of up to ${MAX_HANDLERS} numbers or texts`)
  return []
}

function readEnabled(handler: HandlerReader): boolean | string {
  const value = handler.fields.enabled ?? true
  if (typeof value === 'string') return parseBoolean(value) ?? value
  if (typeof value === 'boolean') return value
  refuse(handler, 'enabled', '`enabled:` must be true, false or a template')
  return true
}

function readLevel(handler: HandlerReader): string | undefined {
  const value = handler.fields.log_level
  if (value === undefined) return undefined
  const level = LOG_LEVELS.find((known) => known === asText(value).toLowerCase())
  return level ?? refuse(handler, 'log_level', `\`log_level:\` must be one of ${LOG_LEVELS.join(', ')}`)
}
