import type { Json } from '../kernel/schema.ts'
import { HIDDEN, VIEW, type View } from '../template/template.ts'
import type { LoopKind, Parameters } from './compiled.ts'

/** What is kept of a step that ran: what later steps can read of it. */
export type StepValue = {
  readonly status: 'completed' | 'failed' | 'skipped'
  readonly result: Json
  /** what it was called with, rendered */
  readonly parameters?: Parameters
  /** what else is told of it beside its result: its action, the model that answered */
  readonly fields?: Parameters
  /** how it prints, where that does not follow from its result */
  readonly text?: string
  /** of a loop: which of its kinds it is */
  readonly loop?: LoopKind
  readonly error?: string
  /** what kind of failure it was */
  readonly failure?: { readonly type: string; readonly code: string; readonly attempts?: number }
  /** why it was skipped */
  readonly reason?: string
  /** ms */
  readonly duration?: number
}

type Fields = { readonly [name: string]: Json | undefined }

/**
 * A step as templates see it. Its fields are those of the envelope (`status`, `success`, `result`), then those of its result,
 * then what it was called with. As a whole it is its text where it has one, else its result.
 */
export function stepView(value: StepValue): object {
  if (value.loop && isFields(value.result)) return loopView(value, value.result)
  return dataOf(value, false) ?? viewWith(value)
}

/** A loop as templates see it: in its result all steps of its body are views. It stands for the list of what its iterations came to. */
function loopView(value: StepValue, result: Fields): object {
  const { fields, list } = shownOf(value.loop!, result)
  const { [VIEW]: view } = viewWith({ ...value, result: { ...result, ...(fields as Fields) } })
  return { [VIEW]: { ...view, value: () => list } }
}

type Row = { readonly [child: string]: Json }
type Shown = { readonly fields: object; readonly list: readonly unknown[] }

function shownOf(kind: LoopKind, result: Fields): Shown {
  switch (kind) {
    case 'for_each':
      return resultsOf(listIn(result.results).map(rowView))
    case 'foreach':
      return resultsOf(listIn(result.results).map(itemView))
    case 'while': {
      const rows = listIn(result.results).map(rowView)
      return { fields: { results: rows, iterations: countView(rows) }, list: rows }
    }
    case 'action_loop': {
      const all = listIn(result.all_results).map((turn) => ({ ...turn, results: rowView(turn.results as Row) }))
      return { fields: { all_results: all, final_results: rowView(result.final_results as Row) }, list: all }
    }
    case 'queue':
      return resultsOf(listIn(result.results).map((item) => ({ ...item, result: anyView(item.result!) })))
  }
}

const resultsOf = (list: readonly unknown[]): Shown => ({ fields: { results: list }, list })
const listIn = (value: Json | undefined) => value as readonly Row[]

/** A list that counts as a number wherever it is no list: how often a loop turned. */
function countView(rows: readonly object[]): { readonly [VIEW]: View } {
  const text = String(rows.length)
  return {
    [VIEW]: { get: () => undefined, text: () => text, value: () => rows, truthy: rows.length > 0, defined: true },
  }
}

/** What a step came to for an item: its result and what it was called with as one; null: it was not reached. */
function itemView(item: Json): unknown {
  if (item === null) return null
  const value = item as unknown as StepValue
  const { status, result, parameters } = value
  return status === 'completed' && isFields(result) && plainText(value) === undefined
    ? nestedView({ ...value, result: { ...(parameters as Fields), ...result } as Json })
    : nestedView(value)
}

/** What an item of a queue came to: one step, or several by their names. */
function anyView(value: Json): unknown {
  if (!isFields(value)) return null
  return typeof value.status === 'string' && 'result' in value
    ? nestedView(value as unknown as StepValue)
    : rowView(value as Row)
}

/** A step in the results of a loop. */
function nestedView(value: StepValue): object {
  return value.loop ? stepView(value) : (dataOf(value, true) ?? viewWith(value))
}

function rowView(row: Row): object {
  const shown: { [child: string]: unknown } = {}
  for (const [child, inner] of Object.entries(row)) {
    const value = inner as unknown as StepValue
    const enumerable = value.status === 'completed'
    Object.defineProperty(shown, child, { value: nestedView(value), enumerable })
  }
  return shown
}

/**
 * The result itself, for a step that prints as nothing else, so that it reaches a tool as the list or map it is; the other fields
 * can be read from it but do not show. Where the result has names of the envelope for itself they win only inside `results`.
 */
function dataOf(value: StepValue, nested: boolean): object | undefined {
  const { status, result } = value
  if (status !== 'completed' || typeof result !== 'object' || result === null || plainText(value) !== undefined)
    return undefined
  if (!nested && ENVELOPE.some((name) => Object.hasOwn(result, name))) return undefined
  return withHidden(withListText(result), (name) => hiddenIn(value, result, name))
}

const ENVELOPE = ['status', 'success', 'result']

function hiddenIn(
  { status, duration, fields = {}, parameters = {} }: StepValue,
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
    case 'text':
      return fields.text ?? JSON.stringify(result)
    case 'duration':
      return duration
    default:
      return aliasOf(result, name) ?? ownField(fields, name) ?? ownField(parameters, name)
  }
}

/** A copy from which more can be read than shows. */
function withHidden(data: object, read: (name: string) => unknown): object {
  return Object.defineProperty(Array.isArray(data) ? [...data] : { ...data }, HIDDEN, { value: read })
}

// what is more, or less, than its result

function viewWith(value: StepValue): { readonly [VIEW]: View } {
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
  const { status, result, error, duration, fields = {}, parameters = {} } = value
  if (name === 'status') return status
  if (name === 'success') return status === 'completed' && !(isFields(result) && result.success === false)
  if (name === 'result') return isFields(result) ? withAliases(result) : result
  const own = isFields(result) ? (ownField(withListText(result) as Fields, name) ?? aliasOf(result, name)) : undefined
  if (own !== undefined) return own
  if (Object.hasOwn(fields, name)) return fields[name]
  if (name === 'text') return textOf(value)
  if (name === 'error') return error ?? null
  if (name === 'duration') return duration
  return ownField(parameters, name)
}

/** Other names for the path of a result. */
const PATHS = ['filepath', 'file_path', 'output_path']

function aliasOf(result: object, name: string): Json | undefined {
  const { path } = result as Fields
  return typeof path === 'string' && PATHS.includes(name) ? path : undefined
}

function withAliases(result: object): object {
  const shown = withListText(result)
  return typeof (result as Fields).path === 'string' ? withHidden(shown, (name) => aliasOf(result, name)) : shown
}

/** Processed data that is a list and was asked for as text: a list to loops and filters, and printed that text. */
function withListText(result: object): object {
  const { processed_data: list, data: text } = result as Fields
  if (!Array.isArray(list) || typeof text !== 'string') return result
  const view: View = {
    get: () => undefined,
    text: () => text,
    value: () => list,
    truthy: list.length > 0,
    defined: true,
  }
  return { ...result, processed_data: { [VIEW]: view } }
}

function ownField(fields: Fields, name: string): Json | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

function isFields(value: Json): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** How a step prints. */
export function textOf(value: StepValue): string {
  return plainText(value) ?? (value.result === null ? '' : JSON.stringify(value.result))
}

/** What a file of a step holds: of processed data the data alone, in the format that was asked for. */
export function fileTextOf(value: StepValue): string {
  const { processed_data: processed, data } = (isFields(value.result) ? value.result : {}) as Fields
  if (processed === undefined || data === undefined) return textOf(value)
  return typeof data === 'string' ? data : JSON.stringify(data)
}

/** The text a step has of itself: said so, or its result when that is one, or the content of a file, or what a command wrote. */
function plainText({ text, result }: StepValue): string | undefined {
  if (text !== undefined) return text
  if (typeof result === 'string') return result
  if (!isFields(result)) return undefined
  const shown = [result.content, result.stdout].find((field) => typeof field === 'string')
  return shown as string | undefined
}

const NO = ['', 'false', 'no', 'none', '0']

function isYes(result: Json): boolean {
  if (typeof result === 'string') return !NO.includes(result.trim().toLowerCase())
  return result !== null && result !== false && result !== 0
}
