import { failAtNode, type RenderMachine, spendItems, spendText } from '../machine/machine.ts'
import type { Operator } from '../syntax.ts'
import { printf } from '../text/format.ts'
import { describeKind, numericValue, unwrapView } from '../values/values.ts'
import { viewOf } from '../view.ts'

/** Evaluates `left operator right`. Texts and lists can be added and repeated, within the limits. */
export function calculate(operator: Operator, left: unknown, right: unknown, machine: RenderMachine): unknown {
  const [a, b] = [numericValue(left), numericValue(right)]
  if (a !== undefined && b !== undefined) return finite(compute(operator, a, b, machine), machine)
  const [first, second] = [plain(left), plain(right)]
  if (operator === '+') return add(first, second, machine)
  if (operator === '*' && typeof b === 'number') return repeat(first, b, machine)
  if (operator === '*' && typeof a === 'number') return repeat(second, a, machine)
  if (operator === '%' && typeof first === 'string') return printf(first, second, machine)
  return refuse(operator, first, second, machine)
}

/** A number with a sign before it. */
export function negate(value: unknown, machine: RenderMachine): number {
  const number = numericValue(value)
  return number === undefined
    ? failAtNode(machine, `${describeKind(value)} has no negative`, "convert it with '| int' or '| float'")
    : -number
}

function compute(operator: Operator, a: number, b: number, machine: RenderMachine): number {
  if (b === 0 && (operator === '/' || operator === '//' || operator === '%'))
    return failAtNode(machine, 'division by zero')
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    case '//':
      return Math.round((a - remainder(a, b)) / b)
    case '%':
      return remainder(a, b)
    case '**':
      return a ** b
  }
}

/** The remainder with the sign of the divisor, as in Python. */
function remainder(a: number, b: number): number {
  const rest = a % b
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest
}

function finite(result: number, machine: RenderMachine): number {
  return Number.isFinite(result) ? result : failAtNode(machine, 'the result is not a finite number')
}

/** The list or text that a view represents. */
function plain(value: unknown): unknown {
  const inner = unwrapView(value)
  return viewOf(inner)?.text() ?? inner
}

function add(left: unknown, right: unknown, machine: RenderMachine): unknown {
  if (typeof left === 'string' && typeof right === 'string') {
    spendText(machine, left.length + right.length)
    return left + right
  }
  if (!Array.isArray(left) || !Array.isArray(right)) return refuse('+', left, right, machine)
  spendItems(machine, left.length + right.length)
  return [...left, ...right]
}

function repeat(value: unknown, times: number, machine: RenderMachine): unknown {
  const count = Number.isInteger(times)
    ? Math.max(times, 0)
    : failAtNode(machine, `nothing can be repeated ${times} times`)
  if (typeof value === 'string') {
    spendText(machine, value.length * count)
    return value.length === 0 ? '' : value.repeat(count)
  }
  if (!Array.isArray(value)) return refuse('*', value, times, machine)
  spendItems(machine, value.length * count)
  return value.length === 0 ? [] : Array.from({ length: count }, () => value).flat(1)
}

const CONVERT = "convert text with '| int' or '| float'"

function refuse(operator: Operator, left: unknown, right: unknown, machine: RenderMachine): never {
  const problem = `'${operator}' does not work on ${describeKind(left)} and ${describeKind(right)}`
  if (typeof left !== 'string' && typeof right !== 'string') return failAtNode(machine, problem)
  return failAtNode(machine, problem, operator === '+' ? `join texts with ~, or ${CONVERT}` : CONVERT)
}
