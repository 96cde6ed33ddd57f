import { failAtNode, type RenderMachine, spendSteps, spendText } from '../machine/machine.ts'
import { isMissing, type MissingValue, missingValue, REPORTED_MISSING, useValue } from '../machine/missing.ts'
import { calculate, negate } from '../operations/arithmetic.ts'
import { CHECKS } from '../operations/checks.ts'
import { FILTERS } from '../operations/filters.ts'
import { BUILTIN_FUNCTIONS } from '../operations/functions.ts'
import { methodOf } from '../operations/methods.ts'
import { type BoundArguments, bindArguments, operationOf, type TemplateOperation } from '../operations/operation.ts'
import { describeExpression, fieldChainOf } from '../parse/inspect.ts'
import type * as syntax from '../syntax.ts'
import { fieldOf, itemAt, sliceOf } from '../values/access.ts'
import { compareValues } from '../values/compare.ts'
import { describeKind, isTruthy, printValue } from '../values/values.ts'
import { textView, viewOf } from '../view.ts'

type Expression = syntax.Expression

/** Evaluates an expression. A missing value is returned as such and fails only when used. */
export function evaluate(node: Expression, machine: RenderMachine): unknown {
  machine.at = node.at
  spendSteps(machine, 1)
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
      return node.items.map((item) => requireValue(item, machine))
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

type OperatorNode = Exclude<
  Expression,
  { type: 'literal' | 'name' | 'attribute' | 'subscript' | 'slice' | 'list' | 'map' | 'join' | 'answer' }
>

function evaluateOperation(node: OperatorNode, machine: RenderMachine): unknown {
  switch (node.type) {
    case 'call':
      return evaluateCall(node, machine)
    case 'method':
      return evaluateMethod(node, machine)
    case 'filter':
      return operate(node, operationOf(FILTERS, node.name)!, evaluate(node.value, machine), machine)
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
      return isTrue(node.test, machine)
        ? evaluate(node.value, machine)
        : node.otherwise
          ? evaluate(node.otherwise, machine)
          : null
  }
}

/** Whether an expression is true. A missing field is false; an unknown name is an error. */
export function isTrue(node: Expression, machine: RenderMachine): boolean {
  const value = evaluate(node, machine)
  return isTruthy(isMissing(value) && !value.declared ? useValue(value, machine) : value)
}

/** The value of an expression that must exist. */
export function requireValue(node: Expression, machine: RenderMachine): unknown {
  return useValue(evaluate(node, machine), machine)
}

function lookUp({ name, at }: syntax.NameNode, machine: RenderMachine): unknown {
  for (let frame: RenderMachine['frame'] | undefined = machine.frame; frame; frame = frame.parent) {
    if (frame.names.has(name)) return frame.names.get(name)
  }
  const value = machine.scope.get(name)
  return value === undefined ? missingValue(name, at, false) : value
}

function evaluateAttribute(node: syntax.Attribute, machine: RenderMachine): unknown {
  const object = evaluate(node.object, machine)
  machine.at = node.at
  return isMissing(object) ? missed(node, object) : found(node, object, fieldOf(object, node.name), machine)
}

/** A field of a missing value is missing, too. */
function missed(node: syntax.Attribute | syntax.Subscript, object: MissingValue): MissingValue {
  return object === REPORTED_MISSING || object.fault
    ? object
    : missingValue(describeExpression(node), object.at, object.declared, object)
}

function found(
  node: syntax.Attribute | syntax.Subscript,
  object: unknown,
  value: unknown,
  machine: RenderMachine,
): unknown {
  return value === undefined
    ? missingValue(describeExpression(node), placeOf(node), true, whyAbsent(node, object, machine))
    : value
}

/** Why a field of a step is absent: the state of the step. */
function whyAbsent(
  { object: from }: syntax.Attribute | syntax.Subscript,
  object: unknown,
  machine: RenderMachine,
): Pick<MissingValue, 'why' | 'skipped'> {
  const own = absenceOf(object, describeExpression(from))
  if (own) return own
  const root = fieldChainOf(from)?.root
  return (root && absenceOf(lookUp(root, machine), root.name)) ?? {}
}

function absenceOf(step: unknown, name: string): Pick<MissingValue, 'why' | 'skipped'> | undefined {
  const view = viewOf(step)
  if (view?.absent === undefined) return undefined
  return { why: `\`${name}\` ${view.absent}`, ...(!view.defined && { skipped: step }) }
}

const placeOf = (node: Expression): syntax.TemplatePosition => ('object' in node ? placeOf(node.object) : node.at)

function evaluateSubscript(node: syntax.Subscript, machine: RenderMachine): unknown {
  const index = requireValue(node.index, machine)
  if (index === REPORTED_MISSING) return REPORTED_MISSING
  const object = evaluate(node.object, machine)
  machine.at = node.at
  return isMissing(object) ? missed(node, object) : found(node, object, itemAt(object, index, machine), machine)
}

function evaluateSlice(node: syntax.Slice, machine: RenderMachine): unknown {
  const object = requireValue(node.object, machine)
  const bounds = [node.start, node.stop, node.step].map((bound) => bound && requireValue(bound, machine))
  machine.at = node.at
  return object === REPORTED_MISSING || bounds.includes(REPORTED_MISSING)
    ? REPORTED_MISSING
    : sliceOf(object, bounds, machine)
}

function evaluateMap(node: syntax.MapLiteral, machine: RenderMachine): unknown {
  const entries = node.entries.map(([key, value]) => [
    printValue(requireValue(key, machine), machine),
    requireValue(value, machine),
  ])
  return Object.fromEntries(entries)
}

function evaluateJoin(node: syntax.Join, machine: RenderMachine): unknown {
  const values = node.parts.map((part) => requireValue(part, machine))
  if (values.includes(REPORTED_MISSING)) return REPORTED_MISSING
  machine.at = node.at
  const texts = values.map((value) => printValue(value, machine))
  spendText(
    machine,
    texts.reduce((length, text) => length + text.length, 0),
  )
  return texts.join('')
}

function evaluateAnswer(node: syntax.AnswerNode, machine: RenderMachine): unknown {
  const value = evaluate(node.value, machine)
  return typeof value === 'string' ? textView(value) : value
}

function evaluateCall(node: syntax.FunctionCall, machine: RenderMachine): unknown {
  const given = lookUp({ type: 'name', name: node.name, at: node.at }, machine)
  const builtin = operationOf(BUILTIN_FUNCTIONS, node.name)
  if (typeof given !== 'function' && builtin) return operate(node, builtin, undefined, machine)
  if (isMissing(given)) return useValue(missingValue(`${node.name}()`, node.at, false), machine)
  if (typeof given !== 'function')
    return failAtNode(machine, `\`${node.name}\` is ${describeKind(given)} and cannot be called`)
  if (node.args.named.length > 0) return failAtNode(machine, `\`${node.name}\` takes no named arguments`)
  const values = node.args.positional.map((argument) => requireValue(argument, machine))
  const value: unknown = values.includes(REPORTED_MISSING) ? REPORTED_MISSING : given(...values)
  return value === undefined ? missingValue(describeExpression(node), node.at, true) : value
}

function evaluateMethod(node: syntax.MethodCall, machine: RenderMachine): unknown {
  const object = requireValue(node.object, machine)
  machine.at = node.at
  if (object === REPORTED_MISSING) return REPORTED_MISSING
  const method = methodOf(object, node.name)
  return method
    ? operate(node, method, object, machine)
    : failAtNode(machine, `${describeKind(object)} has no method \`${node.name}\``)
}

function evaluateCheck(node: syntax.CheckCall, machine: RenderMachine): unknown {
  const verdict = operate(node, operationOf(CHECKS, node.name)!, evaluate(node.value, machine), machine)
  return verdict === REPORTED_MISSING ? REPORTED_MISSING : verdict !== node.negated
}

type OperationNode = syntax.FunctionCall | syntax.MethodCall | syntax.FilterCall | syntax.CheckCall

/** Only a lenient operation receives missing values, as undefined. */
function operate(node: OperationNode, operation: TemplateOperation, value: unknown, machine: RenderMachine): unknown {
  const given = operation.lenient ? (isMissing(value) ? value.skipped : value) : useValue(value, machine)
  const args = bindAll(node, operation, machine)
  machine.at = node.at
  if (given === REPORTED_MISSING || args === REPORTED_MISSING) return REPORTED_MISSING
  machine.operation = node.name
  const result = operation.apply(given, args as BoundArguments, machine)
  machine.operation = undefined
  if (typeof result === 'string') spendText(machine, result.length)
  return result === undefined ? missingValue(describeExpression(node), node.at, true) : result
}

function bindAll(
  node: OperationNode,
  operation: TemplateOperation,
  machine: RenderMachine,
): BoundArguments | typeof REPORTED_MISSING {
  const read = (argument: Expression) =>
    operation.lenient ? evaluate(argument, machine) : requireValue(argument, machine)
  const positional = node.args.positional.map(read)
  const named = node.args.named.map(({ name, value }) => [name, read(value)] as const)
  machine.at = node.at
  const spent = positional.includes(REPORTED_MISSING) || named.some(([, value]) => value === REPORTED_MISSING)
  if (spent) return REPORTED_MISSING
  for (const value of positional) countText(value, machine)
  for (const [, value] of named) countText(value, machine)
  return bindArguments(node.name, operation, positional, named, machine)
}

/** An argument is evaluated in the same way as the value. */
function countText(argument: unknown, machine: RenderMachine): void {
  if (typeof argument === 'string') spendSteps(machine, argument.length / 32)
}

function evaluateUnary(node: syntax.Unary, machine: RenderMachine): unknown {
  if (node.operator === 'not') return !isTrue(node.operand, machine)
  const operand = requireValue(node.operand, machine)
  machine.at = node.at
  if (operand === REPORTED_MISSING) return REPORTED_MISSING
  return node.operator === '-' ? negate(operand, machine) : negate(negate(operand, machine), machine)
}

function evaluateBinary(node: syntax.Binary, machine: RenderMachine): unknown {
  const left = requireValue(node.left, machine)
  const right = requireValue(node.right, machine)
  machine.at = node.at
  return left === REPORTED_MISSING || right === REPORTED_MISSING
    ? REPORTED_MISSING
    : calculate(node.operator, left, right, machine)
}

function evaluateLogic(node: syntax.Logic, machine: RenderMachine): unknown {
  const left = evaluate(node.left, machine)
  const known = isMissing(left) && !left.declared ? useValue(left, machine) : left
  return isTruthy(known) === (node.operator === 'or') ? known : evaluate(node.right, machine)
}

function evaluateComparison(node: syntax.Comparison, machine: RenderMachine): unknown {
  let left = requireValue(node.first, machine)
  for (const { relation, operand, at } of node.links) {
    const right = requireValue(operand, machine)
    machine.at = at
    if (left === REPORTED_MISSING || right === REPORTED_MISSING) return REPORTED_MISSING
    if (!compareValues(relation, left, right, machine)) return false
    left = right
  }
  return true
}
