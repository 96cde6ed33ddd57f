import type { Json } from '../kernel/schema.ts'
import { VIEW, type View } from '../template/template.ts'
import type { Parameters } from './compiled.ts'

/** What is kept of a step that ran: what later steps can read of it. */
export type StepValue = {
  readonly status: 'completed' | 'failed' | 'skipped'
  readonly result: Json
  /** what it was called with, rendered */
  readonly parameters?: Parameters
  /** how it prints, where that does not follow from its result */
  readonly text?: string
  readonly error?: string
  /** why it was skipped */
  readonly reason?: string
  /** ms */
  readonly duration?: number
}

type Fields = { readonly [name: string]: Json | undefined }

/** A step's value as templates see it: fields of the envelope, then of the result, then what it was called with. */
export function stepView(value: StepValue): { readonly [VIEW]: View } {
  const { status, result } = value
  if (status === 'skipped') return { [VIEW]: skippedView(value) }
  const view: View = {
    get: (name) => fieldOf(value, name),
    text: () => textOf(value),
    truthy: status === 'completed' && isYes(result),
    defined: true,
  }
  const standsForData = typeof result === 'object' && result !== null && plainText(value) === undefined
  return { [VIEW]: standsForData ? { ...view, value: () => result } : view }
}

/** A loop's value as templates see it: its results are lists of plain data. */
export function loopView(value: StepValue): { readonly [VIEW]: View } {
  const { results } = isFields(value.result) ? value.result : {}
  if (!Array.isArray(results)) return stepView(value)
  const rows = results.map((row) =>
    Object.fromEntries(
      Object.entries(row as Fields).map(([child, inner]) => [child, stepRecord(inner as unknown as StepValue)]),
    ),
  )
  return stepView({ ...value, result: { ...(value.result as Fields), results: rows as Json } })
}

/**
 * A step's value as plain data, for lists of them: `{ status, success, result }`. The fields of its result can be read from it
 * too, but do not show when it is printed or handed to a tool.
 */
export function stepRecord(value: StepValue): object {
  const { status, result, error, reason } = value
  const success = status === 'completed'
  const record = {
    status,
    success,
    result,
    ...(error !== undefined && { error }),
    ...(reason !== undefined && { reason }),
  }
  const hidden = { ...value.parameters, ...(isFields(result) && withAliases(result)), text: textOf(value) }
  for (const [name, field] of Object.entries(hidden)) {
    if (!Object.hasOwn(record, name)) Object.defineProperty(record, name, { value: field })
  }
  return record
}

function skippedView({ status, reason }: StepValue): View {
  const fields: Fields = { status, reason }
  return {
    get: (name) => (Object.hasOwn(fields, name) ? fields[name] : undefined),
    text: () => '',
    truthy: false,
    defined: false,
  }
}

function fieldOf(value: StepValue, name: string): unknown {
  const { status, result, error, duration, parameters = {} } = value
  if (name === 'status') return status
  if (name === 'success') return status === 'completed' && !(isFields(result) && result.success === false)
  if (name === 'result') return isFields(result) ? readable(result) : result
  const own = isFields(result) ? ownField(withAliases(result), name) : undefined
  if (own !== undefined) return own
  if (name === 'text') return textOf(value)
  if (name === 'error') return error ?? null
  if (name === 'duration') return duration
  return ownField(parameters, name)
}

/** A result whose aliases can be read, but do not show when it is printed or handed on. */
function readable(result: Fields): Fields {
  const copy: Fields = { ...result }
  for (const [name, field] of Object.entries(withAliases(result))) {
    if (!Object.hasOwn(copy, name)) Object.defineProperty(copy, name, { value: field })
  }
  return copy
}

/** Other names for the path of a result. */
const PATHS = ['filepath', 'file_path', 'output_path']

function withAliases(result: Fields): Fields {
  if (typeof result.path !== 'string') return result
  return { ...Object.fromEntries(PATHS.map((name) => [name, result.path])), ...result }
}

function ownField(fields: Fields, name: string): Json | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

function isFields(value: Json): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a step prints: its text where it has one, else its result as compact JSON. */
function textOf(value: StepValue): string {
  return plainText(value) ?? (value.result === null ? '' : JSON.stringify(value.result))
}

function plainText({ text, result }: StepValue): string | undefined {
  if (text !== undefined) return text
  if (typeof result === 'string') return result
  if (!isFields(result)) return undefined
  const shown = [result.content, result.stdout].find((field) => typeof field === 'string')
  return shown as string | undefined
}

const NO = ['', 'false', 'no', 'none', '0']

function isYes(result: Json): boolean {
  return typeof result === 'string'
    ? !NO.includes(result.trim().toLowerCase())
    : result !== null && result !== false && result !== 0
}
