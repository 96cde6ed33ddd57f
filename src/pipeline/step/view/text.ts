import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { StepValue } from '../../../step/record/outcome.ts'
import { type Fields, withoutDuplicateData } from './aliases.ts'

export function printedText(value: StepValue): string {
  const { result } = value
  return (
    ownText(value) ??
    (result === null ? '' : JSON.stringify(isJsonObject(result) ? withoutDuplicateData(result) : result))
  )
}

/** The content of a step's file. Of processed data only the data, in the format asked for. */
export function artifactText(value: StepValue): string {
  const { processed_data: processed, data } = (isJsonObject(value.result) ? value.result : {}) as Fields
  if (processed === undefined || data === undefined) return printedText(value)
  return typeof data === 'string' ? data : JSON.stringify(data)
}

/** The text of a step: its `text`, a textual result, the content of a file, or the output of a command. */
export function ownText({ text, result }: StepValue): string | undefined {
  if (text !== undefined) return text
  if (typeof result === 'string') return result
  if (!isJsonObject(result)) return undefined
  const { content, stdout } = result
  if (typeof content === 'string') return content
  return typeof stdout === 'string' ? stdout : undefined
}

const FALSY_WORDS = ['', 'false', 'no', 'none', '0']

/** Whether a result counts as true. */
export function isTruthyResult(result: Json): boolean {
  if (typeof result === 'string') return !FALSY_WORDS.includes(result.trim().toLowerCase())
  return result !== null && result !== false && result !== 0
}
