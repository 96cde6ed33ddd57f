import { isJsonObject } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { StepValue } from '../../plan/step-outcome.ts'
import { type Fields, saidOnce } from './aliases.ts'

/** How a step prints. */
export function textOf(value: StepValue): string {
  const { result } = value
  return textIn(value) ?? (result === null ? '' : JSON.stringify(isJsonObject(result) ? saidOnce(result) : result))
}

/** What a file of a step holds: of processed data the data alone, in the format that was asked for. */
export function fileTextOf(value: StepValue): string {
  const { processed_data: processed, data } = (isJsonObject(value.result) ? value.result : {}) as Fields
  if (processed === undefined || data === undefined) return textOf(value)
  return typeof data === 'string' ? data : JSON.stringify(data)
}

/** The text a step has of itself: said so, or its result when that is one, or the content of a file, or what a command wrote. */
export function textIn({ text, result }: StepValue): string | undefined {
  if (text !== undefined) return text
  if (typeof result === 'string') return result
  if (!isJsonObject(result)) return undefined
  const { content, stdout } = result
  if (typeof content === 'string') return content
  return typeof stdout === 'string' ? stdout : undefined
}

const NO = ['', 'false', 'no', 'none', '0']

/** Whether a result counts as yes. */
export function isYes(result: Json): boolean {
  if (typeof result === 'string') return !NO.includes(result.trim().toLowerCase())
  return result !== null && result !== false && result !== 0
}
