import { VIEW, type View } from '../../../template/template.ts'
import type { StepValue } from '../../plan/step-outcome.ts'
import { aliasOf, withAliases, withListText } from './aliases.ts'
import { type Fields, isFields, ownField, succeeded } from './fields.ts'
import { isYes, textIn, textOf } from './text.ts'

/** What is more, or less, than its result. */
export function viewWith(value: StepValue): { readonly [VIEW]: View } {
  const { status, result } = value
  if (status === 'skipped') return { [VIEW]: skippedView(value) }
  const view: View = {
    get: (name) => fieldOf(value, name),
    text: () => textOf(value),
    truthy: status === 'completed' && isYes(result),
    defined: true,
    ...(status === 'failed' && { absent: `failed${value.error ? `: ${value.error.slice(0, 300)}` : ''}` }),
  }
  const standsForData = typeof result === 'object' && result !== null && textIn(value) === undefined
  return { [VIEW]: standsForData ? { ...view, value: () => result } : view }
}

function skippedView({ status, reason }: StepValue): View {
  const fields: Fields = { status, reason }
  return {
    get: (name) => (Object.hasOwn(fields, name) ? fields[name] : undefined),
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
  if (name === 'result') return isFields(result) ? withAliases(result) : result
  const own = isFields(result) ? (ownField(withListText(result) as Fields, name) ?? aliasOf(result, name)) : undefined
  if (own !== undefined) return own
  if (Object.hasOwn(fields, name)) return fields[name]
  if (name === 'text') return textOf(value)
  if (name === 'error') return error ?? null
  if (name === 'handled' && handled !== undefined) return handled
  if (name === 'duration') return duration
  return ownField(parameters, name)
}
