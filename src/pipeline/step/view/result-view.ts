import { isJsonObject } from '../../../kernel/json.ts'
import { ownValue } from '../../../lib/own.ts'
import { succeeded } from '../../../step/call/step-value.ts'
import type { StepValue } from '../../../step/record/outcome.ts'
import { type TemplateView, VIEW } from '../../../template/template.ts'
import { aliasedField, type Fields, withAliases, withHidden, withListText, withoutDuplicateData } from './aliases.ts'
import { isTruthyResult, ownText, printedText } from './text.ts'

/** A step as its envelope: status, result and further fields. */
export function envelopeView(value: StepValue): { readonly [VIEW]: TemplateView } {
  const { status, result } = value
  if (status === 'skipped') return { [VIEW]: skippedView(value) }
  const view: TemplateView = {
    get: (name) => fieldOf(value, name),
    text: () => printedText(value),
    truthy: status === 'completed' && isTruthyResult(result),
    defined: true,
    ...(status === 'failed' && { absent: `failed${value.error ? `: ${value.error.slice(0, 300)}` : ''}` }),
  }
  const standsForData = typeof result === 'object' && result !== null && ownText(value) === undefined
  return { [VIEW]: standsForData ? { ...view, value: () => result } : view }
}

function skippedView({ status, reason }: StepValue): TemplateView {
  const fields: Fields = { status, reason }
  return {
    get: (name) => ownValue(fields, name),
    text: () => '',
    truthy: false,
    defined: false,
    absent: `was skipped${reason === undefined ? '' : ` (${reason})`}`,
  }
}

function fieldOf(value: StepValue, name: string): unknown {
  const { status, result, error, handled, duration, fields = {}, parameters = {} } = value
  if (name === 'status') return status
  if (name === 'success') return succeeded(value)
  if (name === 'result') return isJsonObject(result) ? withAliases(result) : result
  const own = isJsonObject(result)
    ? (ownValue(withListText(result) as Fields, name) ?? aliasedField(result, name))
    : undefined
  if (own !== undefined) return own
  if (Object.hasOwn(fields, name)) return fields[name]
  if (name === 'text') return printedText(value)
  if (name === 'error') return error ?? null
  if (name === 'handled' && handled !== undefined) return handled
  if (name === 'duration') return duration
  return ownValue(parameters, name)
}

/**
 * The result itself, for a step that prints nothing else, so that a tool gets the
 * list or map as it is. The other fields can be read from it but are not listed. If
 * the result has fields with names of the envelope, they count only inside `results`.
 */
export function dataView(value: StepValue, nested: boolean): object | undefined {
  const { status, result } = value
  if (status !== 'completed' || typeof result !== 'object' || result === null || ownText(value) !== undefined)
    return undefined
  if (!nested && ENVELOPE.some((name) => Object.hasOwn(result, name))) return undefined
  return withHidden(withoutDuplicateData(result), (name) => hiddenIn(value, result, name))
}

const ENVELOPE = ['status', 'success', 'result']

function hiddenIn(
  { status, handled, duration, fields = {}, parameters = {} }: StepValue,
  result: object,
  name: string,
): unknown {
  switch (name) {
    case 'status':
      return status
    case 'success':
      return true
    case 'result':
      return withAliases(result)
    case 'error':
      return null
    case 'text':
      return fields.text ?? JSON.stringify(withoutDuplicateData(result))
    case 'duration':
      return duration
    case 'handled':
      return handled ?? ownValue(parameters, name)
    default:
      return aliasedField(result, name) ?? ownValue(fields, name) ?? ownValue(parameters, name)
  }
}
