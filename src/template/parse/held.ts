import type { Comparison, Condition, Expression, FilterCall } from '../syntax.ts'
import { fieldChainOf } from './inspect.ts'

/** The chains that certainly exist when a test is true, or false if `failed`: by `is defined` and the like. */
export function ensuredChains(test: Expression, failed: boolean): readonly string[] {
  return chainsIn(test, failed, (leaf, isFalse) => {
    if (leaf.type !== 'check' || !EXISTENCE.includes(leaf.name)) return []
    const claims = (leaf.name === 'defined') !== leaf.negated
    return claims === isFalse ? [] : chainOf(leaf.value)
  })
}

/** The chains that have a value when a test is true, or false if `failed`: also those true, or equal to something. */
export function heldChains(test: Expression, failed: boolean): readonly string[] {
  return chainsIn(test, failed, (leaf, isFalse) => {
    if (leaf.type === 'comparison') return comparedChains(leaf, isFalse)
    if (leaf.type === 'filter') return isFalse || !hasFalseDefault(leaf) ? [] : chainOf(leaf.value)
    return isFalse ? [] : chainOf(leaf)
  }).concat(ensuredChains(test, failed))
}

/** The chains that have a value when a condition holds. */
export const chainsHeldBy = ({ test }: Condition): readonly string[] => ('type' in test ? heldChains(test, false) : [])

const EXISTENCE = ['defined', 'undefined', 'skipped']

function chainsIn(
  test: Expression,
  failed: boolean,
  read: (leaf: Expression, failed: boolean) => readonly string[],
): readonly string[] {
  if (test.type === 'answer') return chainsIn(test.value, failed, read)
  if (test.type === 'logic' && (test.operator === 'and') !== failed)
    return [...chainsIn(test.left, failed, read), ...chainsIn(test.right, failed, read)]
  if (test.type === 'logic') return []
  return test.type === 'unary' && test.operator === 'not' ? chainsIn(test.operand, !failed, read) : read(test, failed)
}

function chainOf(node: Expression): readonly string[] {
  const chain = fieldChainOf(node.type === 'answer' ? node.value : node)
  return chain ? [[chain.root.name, ...chain.path].join('.')] : []
}

/** `x.status == 'completed'` and `x.n > 1` fail or are false without a value; `x.status != 'failed'` says nothing. */
function comparedChains({ first, links }: Comparison, failed: boolean): readonly string[] {
  const [{ relation, operand }] = links as [Comparison['links'][number]]
  const isExcluded = (relation === '!=' || relation === 'not in') !== failed
  return isExcluded === namesSkipped(operand) ? chainOf(first) : []
}

/** Whether an operand is or holds the status of a step without a value. */
function namesSkipped(operand: Expression): boolean {
  if (operand.type === 'list') return operand.items.some(namesSkipped)
  return operand.type === 'literal' && (operand.value === 'skipped' || operand.value === null)
}

/** Whether a value is replaced by something false where it is missing. */
function hasFalseDefault({ name, args }: FilterCall): boolean {
  const [value] = args.positional
  return (name === 'default' || name === 'd') && (!value || (value.type === 'literal' && !value.value))
}
