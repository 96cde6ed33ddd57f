import { failAtNode, type RenderMachine, spendSteps } from '../machine/machine.ts'
import { hiddenOf, viewOf } from '../view.ts'
import { charactersOf } from './characters.ts'
import { describeKind, isMap, printValue, unwrapView } from './values.ts'

/** A value's own field or item with that name, undefined if there is none; never an inherited one. */
export function fieldOf(value: unknown, name: string): unknown {
  const field = dataOnly(viewOf(value)?.get(name))
  return field === undefined ? ownField(unwrapView(value), name) : field
}

function ownField(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || viewOf(value) || name === '__proto__') return undefined
  if (Array.isArray(value) && name === 'length') return undefined
  return dataOnly(Object.hasOwn(value, name) ? (value as { [name: string]: unknown })[name] : hiddenOf(value, name))
}

const dataOnly = (value: unknown): unknown => (typeof value === 'function' ? undefined : value)

/** The field at a dotted path, as list filters take it: 'user.name', 'tags.0'. */
export function fieldAt(value: unknown, path: unknown, machine: RenderMachine): unknown {
  const text = printValue(path, machine)
  spendSteps(machine, text.length / 32)
  return text.split('.').reduce((inner: unknown, name) => fieldOf(inner, name), value)
}

/** Evaluates `value[index]`. A negative index counts from the end. */
export function itemAt(value: unknown, index: unknown, machine: RenderMachine): unknown {
  if (typeof index !== 'number') return fieldOf(value, printValue(index, machine))
  const inner = unwrapView(value)
  if (isMap(inner)) return fieldOf(value, String(index))
  const items = sequenceOf(inner, machine)
  return items?.[index < 0 ? items.length + index : index]
}

function sequenceOf(value: unknown, machine: RenderMachine): string | readonly unknown[] | undefined {
  if (Array.isArray(value)) return value
  return typeof value === 'string' || viewOf(value) ? charactersOf(printValue(value, machine), machine) : undefined
}

/** Evaluates `value[start:stop:step]`, as in Python. */
export function sliceOf(value: unknown, bounds: readonly unknown[], machine: RenderMachine): unknown {
  const inner = unwrapView(value)
  const items = sequenceOf(inner, machine)
  if (items === undefined) return failAtNode(machine, `${describeKind(value)} cannot be sliced`)
  const [start, stop, step = 1] = bounds.map((bound) => wholeBound(bound, machine))
  if (step === 0) return failAtNode(machine, 'a slice cannot step by 0')
  const picked = step === 1 ? items.slice(start ?? 0, stop) : pick(items, start, stop, step)
  spendSteps(machine, typeof picked === 'string' ? picked.length / 64 : picked.length / 4)
  return Array.isArray(inner) || typeof picked === 'string' ? picked : picked.join('')
}

function wholeBound(bound: unknown, machine: RenderMachine): number | undefined {
  if (bound === undefined || bound === null) return undefined
  return Number.isInteger(bound)
    ? (bound as number)
    : failAtNode(machine, `a slice needs whole numbers, got ${describeKind(bound)}`)
}

function pick(
  items: string | readonly unknown[],
  start: number | undefined,
  stop: number | undefined,
  step: number,
): readonly unknown[] {
  const { length } = items
  const clamp = (index: number, low: number, high: number) =>
    Math.min(Math.max(index < 0 ? index + length : index, low), high)
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1]
  const from = start === undefined ? (step > 0 ? low : high) : clamp(start, low, high)
  const to = stop === undefined ? (step > 0 ? high : low) : clamp(stop, low, high)
  const picked: unknown[] = []
  for (let index = from; step > 0 ? index < to : index > to; index += step) picked.push(items[index])
  return picked
}
