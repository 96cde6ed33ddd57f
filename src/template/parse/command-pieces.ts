import type { Expression, Node, Template } from '../syntax.ts'

/** Whether the last thing done with a value is to quote it. */
export const isQuoted = (expression: Expression): boolean => expression.type === 'filter' && expression.name === 'quote'

/** What a text writes, in order: its own words, and whether each value ends in `| quote`. All branches count. */
export function* piecesOf({ body }: Pick<Template, 'body'>): Generator<string | { readonly quoted: boolean }> {
  for (const node of body) yield* piecesOfNode(node)
}

function* piecesOfNode(node: Node): ReturnType<typeof piecesOf> {
  if (node.type === 'text') yield node.text
  else if (node.type === 'output') yield { quoted: isQuoted(node.expression) }
  // a block that sets a name writes nothing itself
  else if (node.type === 'if')
    for (const { body } of [...node.branches, { body: node.otherwise }]) yield* piecesOf({ body })
  else if (node.type === 'for') for (const body of [node.body, node.otherwise]) yield* piecesOf({ body })
}
