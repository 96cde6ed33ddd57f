import type { StepValue } from '../../plan/step-outcome.ts'
import { aliasOf, saidOnce, withAliases, withHidden } from './aliases.ts'
import { ownField } from './fields.ts'
import { textIn } from './text.ts'

/**
 * The result itself, for a step that prints as nothing else, so that it reaches a tool as the list or map it is; the other fields
 * can be read from it but do not show. Where the result has names of the envelope for itself they win only inside `results`.
 */
export function dataOf(value: StepValue, nested: boolean): object | undefined {
  const { status, result } = value
  if (status !== 'completed' || typeof result !== 'object' || result === null || textIn(value) !== undefined)
    return undefined
  if (!nested && hasEnvelope(result)) return undefined
  return withHidden(saidOnce(result), (name) => hiddenIn(value, result, name))
}

const ENVELOPE = ['status', 'success', 'result']

const hasEnvelope = (result: object) => ENVELOPE.some((name) => Object.hasOwn(result, name))

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
      return fields.text ?? JSON.stringify(saidOnce(result))
    case 'duration':
      return duration
    case 'handled':
      return handled ?? ownField(parameters, name)
    default:
      return aliasOf(result, name) ?? ownField(fields, name) ?? ownField(parameters, name)
  }
}
