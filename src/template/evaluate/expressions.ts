import { fail, type Machine, spend, spendText } from '../machine/machine.ts'
import { isMissing, type Missing, missing, SPENT, use } from '../machine/missing.ts'
import { calculate, negate } from '../operations/arithmetic.ts'
import { CHECKS } from '../operations/checks.ts'
import { FILTERS } from '../operations/filters.ts'
import { FUNCTIONS } from '../operations/functions.ts'
import { methodOf } from '../operations/methods.ts'
import { type Bound, bind, type Operation, operationOf } from '../operations/operation.ts'
import { chainOf, describe } from '../parse/inspect.ts'
import type * as syntax from '../syntax.ts'
import { fieldOf, itemOf, sliceOf } from '../values/access.ts'
import { relate } from '../values/compare.ts'
import { isTruthy, kindOf, textOf } from '../values/values.ts'
import { textView, viewOf } from '../view.ts'

type Expression = syntax.Expression

/** The value of an expression; what is not there comes back as missing, and fails only where it is used. */
export function evaluate(node: Expression, machine: Machine): unknown {
  machine.at = node.at
  spend(machine, 1)
  switch (node.type) {
    case 'literal':
      return node.value
    case 'name':
      return lookUp(node, machine)
    case 'attribute':
      return evaluateAttribute(node, machine)
    case 'subscript':
      return evaluateSubscript(node, machine)
    case 'slice':
      return evaluateSlice(node, machine)
    case 'list':
      return evaluateList(node, machine)
    case 'map':
      return evaluateMap(node, machine)
    case 'join':
      return evaluateJoin(node, machine)
    case 'answer':
      return evaluateAnswer(node, machine)
    default:
      return evaluateOperation(node, machine)
  }
}

type Operating = Exclude<
  Expression,
  { type: 'literal' | 'name' | 'attribute' | 'subscript' | 'slice' | 'list' | 'map' | 'join' | 'answer' }
>

function evaluateOperation(node: Operating, machine: Machine): unknown {
  switch (node.type) {
    case 'call':
      return evaluateCall(node, machine)
    case 'method':
      return evaluateMethod(node, machine)
    case 'filter':
      return evaluateFilter(node, machine)
    case 'check':
      return evaluateCheck(node, machine)
    case 'unary':
      return evaluateUnary(node, machine)
    case 'binary':
      return evaluateBinary(node, machine)
    case 'logic':
      return evaluateLogic(node, machine)
    case 'comparison':
      return evaluateComparison(node, machine)
    case 'conditional':
      return holds(node.test, machine)
        ? evaluate(node.value, machine)
        : node.otherwise
          ? evaluate(node.otherwise, machine)
          : null
  }
}

/** Whether an expression is true; a field that is not there is not, a name that is not there is an error. */
export function holds(node: Expression, machine: Machine): boolean {
  const value = evaluate(node, machine)
  return isTruthy(isMissing(value) && !value.declared ? use(value, machine) : value)
}

/** The value of an expression that must be there. */
export function used(node: Expression, machine: Machine): unknown {
  return use(evaluate(node, machine), machine)
}

function lookUp({ name, at }: syntax.Name, machine: Machine): unknown {
  for (let frame: Machine['frame'] | undefined = machine.frame; frame; frame = frame.parent) {
    if (frame.names.has(name)) return frame.names.get(name)
  }
  const value = machine.scope.get(name)
  return value === undefined ? missing(name, at, false) : value
}

function evaluateAttribute(node: syntax.Attribute, machine: Machine): unknown {
  const object = evaluate(node.object, machine)
  machine.at = node.at
  return isMissing(object) ? missed(node, object) : found(node, object, fieldOf(object, node.name), machine)
}

/** What is read from something that is missing is missing, too. */
function missed(node: syntax.Attribute | syntax.Subscript, object: Missing): Missing {
  return object === SPENT ? SPENT : missing(describe(node), object.at, object.declared, object.why)
}

function found(node: syntax.Attribute | syntax.Subscript, object: unknown, value: unknown, machine: Machine): unknown {
  return value === undefined ? missing(describe(node), placeOf(node), true, whyAbsent(node, object, machine)) : value
}

/** What became of the step a field was looked for in, be it further down in its result. */
function whyAbsent(
  { object: from }: syntax.Attribute | syntax.Subscript,
  object: unknown,
  machine: Machine,
): string | undefined {
  const own = viewOf(object)?.absent
  if (own !== undefined) return `\`${describe(from)}\` ${own}`
  const root = chainOf(from)?.root
  const step = root && viewOf(lookUp(root, machine))?.absent
  return step === undefined ? undefined : `\`${root!.name}\` ${step}`
}

function placeOf(node: Expression): syntax.Position {
  return 'object' in node ? placeOf(node.object) : node.at
}

function evaluateSubscript(node: syntax.Subscript, machine: Machine): unknown {
  const index = used(node.index, machine)
  if (index === SPENT) return SPENT
  const object = evaluate(node.object, machine)
  machine.at = node.at
  return isMissing(object) ? missed(node, object) : found(node, object, itemOf(object, index, machine), machine)
}

function evaluateSlice(node: syntax.Slice, machine: Machine): unknown {
  const object = used(node.object, machine)
  const bounds = [node.start, node.stop, node.step].map((bound) => bound && used(bound, machine))
  machine.at = node.at
  return object === SPENT || bounds.includes(SPENT) ? SPENT : sliceOf(object, bounds, machine)
}

function evaluateList(node: syntax.ListLiteral, machine: Machine): readonly unknown[] {
  return node.items.map((item) => used(item, machine))
}

function evaluateMap(node: syntax.MapLiteral, machine: Machine): unknown {
  const entries = node.entries.map(([key, value]) => [textOf(used(key, machine), machine), used(value, machine)])
  return Object.fromEntries(entries)
}

function evaluateJoin(node: syntax.Join, machine: Machine): unknown {
  const values = node.parts.map((part) => used(part, machine))
  if (values.includes(SPENT)) return SPENT
  machine.at = node.at
  const texts = values.map((value) => textOf(value, machine))
  spendText(
    machine,
    texts.reduce((length, text) => length + text.length, 0),
  )
  return texts.join('')
}

function evaluateAnswer(node: syntax.Answer, machine: Machine): unknown {
  const value = evaluate(node.value, machine)
  return typeof value === 'string' ? textView(value) : value
}

function evaluateCall(node: syntax.Call, machine: Machine): unknown {
  const given = lookUp({ type: 'name', name: node.name, at: node.at }, machine)
  const builtin = operationOf(FUNCTIONS, node.name)
  if (typeof given !== 'function' && builtin) return operate(node, builtin, undefined, machine)
  if (isMissing(given)) return use(missing(`${node.name}()`, node.at, false), machine)
  if (typeof given !== 'function') return fail(machine, `'${node.name}' is ${kindOf(given)} and cannot be called`)
  if (node.args.named.length > 0) return fail(machine, `'${node.name}' takes no named arguments`)
  const values = node.args.positional.map((argument) => used(argument, machine))
  const value: unknown = values.includes(SPENT) ? SPENT : given(...values)
  return value === undefined ? missing(describe(node), node.at, true) : value
}

function evaluateMethod(node: syntax.MethodCall, machine: Machine): unknown {
  const object = used(node.object, machine)
  machine.at = node.at
  if (object === SPENT) return SPENT
  const method = methodOf(object, node.name)
  return method
    ? operate(node, method, object, machine)
    : fail(machine, `${kindOf(object)} has no method '${node.name}'`)
}

function evaluateFilter(node: syntax.FilterCall, machine: Machine): unknown {
  return operate(node, operationOf(FILTERS, node.name)!, evaluate(node.value, machine), machine)
}

function evaluateCheck(node: syntax.Check, machine: Machine): unknown {
  const verdict = operate(node, operationOf(CHECKS, node.name)!, evaluate(node.value, machine), machine)
  return verdict === SPENT ? SPENT : verdict !== node.negated
}

type Operated = syntax.Call | syntax.MethodCall | syntax.FilterCall | syntax.Check

/** Only a lenient operation sees what is missing, as undefined. */
function operate(node: Operated, operation: Operation, value: unknown, machine: Machine): unknown {
  const given = operation.lenient ? (isMissing(value) ? undefined : value) : use(value, machine)
  const args = bindAll(node, operation, machine)
  machine.at = node.at
  if (given === SPENT || args === SPENT) return SPENT
  const result = operation.apply(given, args as Bound, machine)
  if (typeof result === 'string') spendText(machine, result.length)
  return result === undefined ? missing(describe(node), node.at, true) : result
}

function bindAll(node: Operated, operation: Operation, machine: Machine): Bound | typeof SPENT {
  const read = (argument: Expression) => (operation.lenient ? evaluate(argument, machine) : used(argument, machine))
  const positional = node.args.positional.map(read)
  const named = node.args.named.map(({ name, value }) => [name, read(value)] as const)
  machine.at = node.at
  const spent = positional.includes(SPENT) || named.some(([, value]) => value === SPENT)
  if (spent) return SPENT
  for (const value of positional) countText(value, machine)
  for (const [, value] of named) countText(value, machine)
  return bind(node.name, operation, positional, named, machine)
}

/** An argument is read as the value is. */
function countText(argument: unknown, machine: Machine): void {
  if (typeof argument === 'string') spend(machine, argument.length / 32)
}

function evaluateUnary(node: syntax.Unary, machine: Machine): unknown {
  if (node.operator === 'not') return !holds(node.operand, machine)
  const operand = used(node.operand, machine)
  machine.at = node.at
  if (operand === SPENT) return SPENT
  return node.operator === '-' ? negate(operand, machine) : -negate(operand, machine)
}

function evaluateBinary(node: syntax.Binary, machine: Machine): unknown {
  const left = used(node.left, machine)
  const right = used(node.right, machine)
  machine.at = node.at
  return left === SPENT || right === SPENT ? SPENT : calculate(node.operator, left, right, machine)
}

function evaluateLogic(node: syntax.Logic, machine: Machine): unknown {
  const left = evaluate(node.left, machine)
  const known = isMissing(left) && !left.declared ? use(left, machine) : left
  return isTruthy(known) === (node.operator === 'or') ? known : evaluate(node.right, machine)
}

function evaluateComparison(node: syntax.Comparison, machine: Machine): unknown {
  let left = used(node.first, machine)
  for (const { relation, operand, at } of node.links) {
    const right = used(operand, machine)
    machine.at = at
    if (left === SPENT || right === SPENT) return SPENT
    if (!relate(relation, left, right, machine)) return false
    left = right
  }
  return true
}
