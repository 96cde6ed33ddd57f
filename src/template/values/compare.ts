import { compareLong, isLongWhole } from '../../lib/json/whole.ts'
import { checkDepth, failAtNode, type RenderMachine, spendSteps, spendText } from '../machine/machine.ts'
import type { Relation } from '../syntax.ts'
import { hiddenOf, type TemplateView, viewOf } from '../view.ts'
import { entriesOf } from './entries.ts'
import type { MapValue } from './values.ts'
import { describeKind, describeValue, isMap, parseNumericText, printValue, readNumber, unwrapView } from './values.ts'

/** Whether `left relation right` is true. Fails at its place for kinds without an order. */
export function compareValues(relation: Relation, left: unknown, right: unknown, machine: RenderMachine): boolean {
  switch (relation) {
    case '==':
      return valuesEqual(left, right, machine)
    case '!=':
      return !valuesEqual(left, right, machine)
    case 'in':
      return containsValue(right, left, machine)
    case 'not in':
      return !containsValue(right, left, machine)
    case '<':
      return orderValues(left, right, machine) < 0
    case '<=':
      return orderValues(left, right, machine) <= 0
    case '>':
      return orderValues(left, right, machine) > 0
    case '>=':
      return orderValues(left, right, machine) >= 0
  }
}

/** Whether two values are the same data; a view compares by its trimmed text. */
export function valuesEqual(left: unknown, right: unknown, machine: RenderMachine, depth = 0): boolean {
  spendSteps(machine, 0.5)
  checkDepth(machine, depth)
  if (typeof left === 'string') spendSteps(machine, left.length / 1024)
  if (left === right) return true
  const view = viewOf(left)
  if (view) return equalsView(view, right, machine, depth)
  if (viewOf(right)) return valuesEqual(right, left, machine, depth)
  if (Array.isArray(left) && Array.isArray(right)) return equalLists(left, right, machine, depth)
  if (isMap(left) && isMap(right)) return equalMaps(left, right, machine, depth)
  return typeof left !== typeof right && compareLong(left, right) === 0
}

function equalsView(view: TemplateView, other: unknown, machine: RenderMachine, depth: number): boolean {
  if (other === null || other === undefined) return !view.defined
  if (typeof other === 'object' && !viewOf(other)) return valuesEqual(view.value?.(), other, machine, depth + 1)
  const text = view.text().trim()
  spendText(machine, text.length)
  if (typeof other === 'number')
    return isLongWhole(text) ? compareLong(text, other) === 0 : parseNumericText(text) === other
  return typeof other === 'boolean' ? text.toLowerCase() === String(other) : text === printValue(other, machine).trim()
}

function equalLists(
  left: readonly unknown[],
  right: readonly unknown[],
  machine: RenderMachine,
  depth: number,
): boolean {
  return (
    left.length === right.length && left.every((item, index) => valuesEqual(item, right[index], machine, depth + 1))
  )
}

function equalMaps(left: MapValue, right: MapValue, machine: RenderMachine, depth: number): boolean {
  const entries = entriesOf(left, machine)
  if (entries.length !== entriesOf(right, machine).length) return false
  return entries.every(
    ([key, value]) => Object.hasOwn(right, key) && valuesEqual(value, right[key], machine, depth + 1),
  )
}

/** Negative, zero or positive if left is before, equal to or after right. */
export function orderValues(left: unknown, right: unknown, machine: RenderMachine, depth = 0): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  const long = compareLong(plainText(left), plainText(right))
  if (long !== undefined) return long
  const numbers = numbersIn(left, right)
  if (numbers) return numbers[0] - numbers[1]
  if (Array.isArray(left) && Array.isArray(right)) return orderLists(left, right, machine, depth)
  const [a, b] = [textIn(left), textIn(right)]
  if (a === undefined || b === undefined)
    return failAtNode(machine, `${describeValue(left, machine)} and ${describeValue(right, machine)} have no order`)
  spendText(machine, Math.min(a.length, b.length))
  return a < b ? -1 : a > b ? 1 : 0
}

/** Compares the first different items. A prefix sorts first. */
function orderLists(
  left: readonly unknown[],
  right: readonly unknown[],
  machine: RenderMachine,
  depth: number,
): number {
  checkDepth(machine, depth)
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    spendSteps(machine, 0.5)
    if (valuesEqual(left[index], right[index], machine, depth + 1)) continue
    return orderValues(left[index], right[index], machine, depth + 1)
  }
  return left.length - right.length
}

/** Both values as numbers, if one is a number and the other reads as one. */
function numbersIn(left: unknown, right: unknown): readonly [number, number] | undefined {
  const [a, b] = [readNumber(left), readNumber(right)]
  return a === undefined || b === undefined || (typeof left === 'string' && typeof right === 'string')
    ? undefined
    : [a, b]
}

/** The text of a view; any other value as it is. */
const plainText = (value: unknown) => (typeof value === 'object' ? (viewOf(value)?.text() ?? value) : value)

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : viewOf(value)?.text().trim()
}

/** Whether `item in whole`: a part of a text, an item of a list, a key of a map. */
export function containsValue(whole: unknown, item: unknown, machine: RenderMachine): boolean {
  const inner = unwrapView(whole)
  if (Array.isArray(inner)) return inner.some((other) => valuesEqual(other, item, machine))
  if (isMap(inner)) return hasField(inner, printValue(item, machine)) || textContains(whole, item, machine)
  if (typeof inner === 'string' || viewOf(inner)) return textContains(inner, item, machine)
  return failAtNode(machine, `nothing can be in ${describeKind(whole)}`)
}

const hasField = (map: object, name: string): boolean => Object.hasOwn(map, name) || hiddenOf(map, name) !== undefined

function textContains(whole: unknown, item: unknown, machine: RenderMachine): boolean {
  if (isMap(whole)) return false
  if (item === null || (typeof item === 'object' && !viewOf(item)))
    return failAtNode(machine, `expected text to look for in text, got ${describeKind(item)}`)
  const text = printValue(whole, machine)
  spendText(machine, text.length)
  return text.includes(viewOf(item) ? printValue(item, machine).trim() : printValue(item, machine))
}
