import type { Expression, Template, TemplateNode, TextNode } from '../syntax.ts'

/** The dotted chain at the start of an expression: its first name, its literal fields, and the rest. */
type FieldChain = {
  readonly root: Expression & { readonly type: 'name' }
  readonly path: readonly string[]
  /** whether the path covers the whole expression */
  readonly whole: boolean
}

/** The chain of `a.b['c']`; undefined for an expression that does not start with a name. */
export function fieldChainOf(expression: Expression): FieldChain | undefined {
  if (expression.type === 'name') return { root: expression, path: [], whole: true }
  if (expression.type !== 'attribute' && expression.type !== 'subscript' && expression.type !== 'slice')
    return undefined
  const chain = fieldChainOf(expression.object)
  const field = fieldIn(expression)
  if (!chain) return undefined
  return chain.whole && field !== undefined ? { ...chain, path: [...chain.path, field] } : { ...chain, whole: false }
}

function fieldIn(expression: Expression): string | undefined {
  if (expression.type === 'attribute') return expression.name
  if (expression.type !== 'subscript' || expression.index.type !== 'literal') return undefined
  return typeof expression.index.value === 'string' ? expression.index.value : undefined
}

/** The name of an expression in messages. */
export function describeExpression(expression: Expression): string {
  switch (expression.type) {
    case 'name':
      return expression.name
    case 'attribute':
      return `${describeWhole(expression.object)}.${expression.name}`
    case 'subscript':
      return `${describeWhole(expression.object)}[${describeExpression(expression.index)}]`
    case 'filter':
      return `${describeExpression(expression.value)} | ${expression.name}`
    case 'method':
      return `${describeWhole(expression.object)}.${expression.name}()`
    case 'call':
      return `${expression.name}(${expression.args.positional.map(describeExpression).join(', ')})`
    case 'literal':
      return typeof expression.value === 'string' ? `'${expression.value.slice(0, 80)}'` : String(expression.value)
    default:
      return '…'
  }
}

/** The same where a field of it is read. */
function describeWhole(expression: Expression): string {
  return expression.type === 'filter' ? `(${describeExpression(expression)})` : describeExpression(expression)
}

/** Whether the last operation on a value is `quote`. */
export const isQuoted = (expression: Expression): boolean => expression.type === 'filter' && expression.name === 'quote'

/** Literal text with its place, or a value: whether it ends in `| quote`. */
type OutputPiece = Pick<TextNode, 'text' | 'at'> | { readonly quoted: boolean }

/** The output of a text in order. Includes all branches. */
export function* outputPieces({ body }: Pick<Template, 'body'>): Generator<OutputPiece> {
  for (const node of body) yield* piecesOfNode(node)
}

function* piecesOfNode(node: TemplateNode): ReturnType<typeof outputPieces> {
  if (node.type === 'text') yield node
  else if (node.type === 'output') yield { quoted: isQuoted(node.expression) }
  // a block that sets a name writes no output
  else if (node.type === 'if')
    for (const { body } of [...node.branches, { body: node.otherwise }]) yield* outputPieces({ body })
  else if (node.type === 'for') for (const body of [node.body, node.otherwise]) yield* outputPieces({ body })
}
