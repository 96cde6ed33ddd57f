import { calculateWhole, fromWhole, isLongWhole, wholeOf } from '../../lib/json/whole.ts'
import { failAtNode, type RenderMachine, spendItems, spendText } from '../machine/machine.ts'
import type { Operator } from '../syntax.ts'
import { printf } from '../text/format.ts'
import { describeKind, longTextOf, numericValue, unwrapView } from '../values/values.ts'
import { viewOf } from '../view.ts'

/** Evaluates `left operator right`. Texts and lists can be added and repeated, within the limits. */
export function calculate(operator: Operator, left: unknown, right: unknown, machine: RenderMachine): unknown {
  const [a, b] = [numericValue(left), numericValue(right)]
  const [one, other] = [longOr(left, a), longOr(right, b)]
  if (isLongWhole(one) || isLongWhole(other)) {
    const exact = exactly(operator, one, other)
    if (exact !== undefined) return exact
    if (isNumeric(one) && isNumeric(other)) return losesDigits(operator, machine)
  } else if (a !== undefined && b !== undefined) {
    const result = finite(compute(operator, a, b, machine), machine)
    return Number.isInteger(result) && !Number.isSafeInteger(result) ? (exactly(operator, a, b) ?? result) : result
  }
  const [first, second] = [plain(left), plain(right)]
  if (operator === '+') return add(first, second, machine)
  if (operator === '*' && typeof b === 'number') return repeat(first, b, machine)
  if (operator === '*' && typeof a === 'number') return repeat(second, a, machine)
  if (operator === '%' && typeof first === 'string') return printf(first, second, machine)
  return refuse(operator, first, second, machine)
}

/** The text of a value that is a whole number beyond 2^53, or else its number, or the value itself. */
function longOr(value: unknown, number: number | undefined): unknown {
  if (number !== undefined && Math.abs(number) <= Number.MAX_SAFE_INTEGER) return number
  return longTextOf(value) ?? number ?? value
}

const isNumeric = (value: unknown) => typeof value === 'number' || isLongWhole(value)

function exactly(operator: Operator, left: unknown, right: unknown): number | string | undefined {
  const [a, b] = [wholeOf(left), wholeOf(right)]
  const whole = a === undefined || b === undefined ? undefined : calculateWhole(operator, a, b)
  return whole === undefined ? undefined : fromWhole(whole)
}

function losesDigits(operator: Operator, machine: RenderMachine): never {
  return failAtNode(
    machine,
    `the result of '${operator}' has more digits than a number holds`,
    "convert the whole number with '| float' to round it",
  )
}

/** A number with a sign before it. */
export function negate(value: unknown, machine: RenderMachine): number | string {
  const long = longTextOf(value)
  if (long !== undefined) return fromWhole(-wholeOf(long)!)
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
