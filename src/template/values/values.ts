import { isLongWhole } from '../../lib/json/whole.ts'
import { checkDepth, failAtNode, type RenderMachine, spendItems, spendSteps, spendText } from '../machine/machine.ts'
import { isMissing } from '../machine/missing.ts'
import { viewOf } from '../view.ts'
import { entriesOf } from './entries.ts'
import { writeTemplateJson } from './json.ts'

/** A map: any object that is neither a list nor a view. */
export type MapValue = { readonly [key: string]: unknown }

export function isMap(value: unknown): value is MapValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !viewOf(value)
}

/** The kind of a value in words for users. */
export function describeKind(value: unknown): string {
  if (value === null || value === undefined) return 'none'
  const view = viewOf(value)
  if (view) return !view.defined ? 'a skipped step' : view.value ? "a step's result" : 'text'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  return typeof value === 'string' ? 'text' : `a ${typeof value}`
}

/** A value in words for errors: a short text or a number itself, else its kind. */
export function describeValue(value: unknown, machine: RenderMachine): string {
  if (typeof value === 'number' || typeof value === 'boolean') return `${describeKind(value)} (${value})`
  const text = typeof value === 'string' || viewOf(value) ? printValue(value, machine) : undefined
  if (text === undefined || viewOf(value)?.defined === false) return describeKind(value)
  return text.trim() === '' ? 'an empty text' : `${describeKind(value)}: '${shorten(text)}'`
}

const QUOTED_CHARS = 60
const shorten = (text: string) => (text.length <= QUOTED_CHARS ? text : `${text.slice(0, QUOTED_CHARS)}…`)

/** The printed text of a value: empty for none, compact JSON for lists and maps. */
export function printValue(value: unknown, machine: RenderMachine): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  const view = viewOf(value)
  if (view) return view.text()
  return typeof value === 'object' ? writeTemplateJson(value, machine, { comma: ',', colon: ':' }) : scalarText(value)
}

function scalarText(value: unknown): string {
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  return typeof value === 'number' ? String(value === 0 ? 0 : value) : ''
}

/** The text of a value that a filter works on. */
export function inputText(value: unknown, machine: RenderMachine): string {
  const text = printValue(value, machine)
  spendText(machine, text.length)
  return text
}

/** The list of a value: a list, or the keys of a map. Fails for others, also for text: its items are not known. */
export function toList(value: unknown, machine: RenderMachine): readonly unknown[] {
  const view = viewOf(value)
  const inner = view ? view.value?.() : value
  const list = isMap(inner) ? entriesOf(inner, machine).map(([key]) => key) : inner
  if (!Array.isArray(list)) return refuseNoList(value, machine)
  spendItems(machine, list.length)
  return list
}

function refuseNoList(value: unknown, machine: RenderMachine): never {
  const isText = typeof value === 'string' || viewOf(value)?.defined
  return failAtNode(
    machine,
    `expected a list, got ${describeValue(value, machine)}`,
    isText ? TEXT_LIST_HINT : viewOf(value) && 'add a default before it: | default([])',
  )
}

/** The hint for a text in the place of a list. */
export const TEXT_LIST_HINT =
  "Write `| from_json` for JSON, `| split(',')` for its parts, `.splitlines()` for its lines, or `| list` for its characters."

/** The items of a list, the keys of a map, or the characters of a text. */
export function itemsOf(value: unknown, machine: RenderMachine): readonly unknown[] {
  if (typeof value !== 'string') return toList(value, machine)
  spendItems(machine, value.length)
  return Array.from(value)
}

/** The list or map behind a view, else the value itself. */
export function unwrapView(value: unknown): unknown {
  const inner = viewOf(value)?.value?.()
  return typeof inner === 'object' && inner !== null ? inner : value
}

/** The text of a value that is a whole number with more digits than a number holds; undefined for all other values. */
export function longTextOf(value: unknown): string | undefined {
  const text = typeof value === 'object' ? viewOf(value)?.text() : value
  return isLongWhole(text) ? text.trim() : undefined
}

const NUMERIC = /^[-+]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/

/** The number that a text reads as; undefined if it does not. */
export function parseNumericText(text: string): number | undefined {
  const trimmed = text.length > 400 ? '' : text.trim()
  return NUMERIC.test(trimmed) ? Number(trimmed.replaceAll('_', '')) : undefined
}

/** The number of a value: booleans are 0 and 1, the text of a view is parsed. */
export function numericValue(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return Number(value)
  const view = viewOf(value)
  return view && parseNumericText(view.text())
}

/** The number of a value, or the one that a text reads as. */
export function readNumber(value: unknown): number | undefined {
  return typeof value === 'string' ? parseNumericText(value) : numericValue(value)
}

/** The truth value of a value: nothing, zero and empty values are false. */
export function isTruthy(value: unknown): boolean {
  if (isMissing(value)) return false
  const view = viewOf(value)
  if (view) return view.truthy
  if (Array.isArray(value)) return value.length > 0
  return isMap(value) ? hasFields(value) : Boolean(value)
}

function hasFields(map: MapValue): boolean {
  for (const key in map) if (Object.hasOwn(map, key)) return true
  return false
}

/** Converts a value for the outside: a view becomes its text, or inside a list or map its value. */
export function toPlainValue(value: unknown, machine: RenderMachine, depth = 0): unknown {
  spendSteps(machine, 0.5)
  checkDepth(machine, depth)
  const view = viewOf(value)
  if (view && depth > 0 && view.value) return toPlainValue(view.value(), machine, depth + 1)
  if (view) return view.alone ?? view.text()
  if (typeof value === 'function' || typeof value === 'symbol') return null
  if (typeof value !== 'object' || value === null) return value
  return Array.isArray(value) ? settleList(value, machine, depth) : settleMap(value as MapValue, machine, depth)
}

function settleList(list: readonly unknown[], machine: RenderMachine, depth: number): readonly unknown[] {
  const settled = list.map((item) => toPlainValue(item, machine, depth + 1))
  return settled.some((item, index) => item !== list[index]) ? settled : list
}

function settleMap(map: MapValue, machine: RenderMachine, depth: number): MapValue {
  const settled = Object.entries(map).map(([key, value]): [string, unknown] => [
    key,
    toPlainValue(value, machine, depth + 1),
  ])
  return settled.some(([key, value]) => value !== map[key]) ? Object.fromEntries(settled) : map
}
