import { parseAst } from 'vitest/node'

export type Node = { readonly type: string; readonly [field: string]: unknown }

/** All nodes of a file. Names that are no uses of a thing (keys, members, what an import calls it) are left out. */
export function nodesOf(path: string, text: string): readonly Node[] {
  return nodesBelow(parseAst(text, { lang: 'ts' }, path))
}

/** A node and all below it. */
export function nodesBelow(root: unknown): readonly Node[] {
  const nodes: Node[] = []
  collect(root, nodes)
  return nodes
}

function collect(value: unknown, nodes: Node[]): void {
  if (Array.isArray(value)) for (const item of value) collect(item, nodes)
  if (!isNode(value)) return
  nodes.push(value)
  for (const field in value) if (!isMereName(value, field)) collect(value[field], nodes)
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}

function isMereName(node: Node, field: string): boolean {
  if (field === 'imported' || field === 'exported') return true
  return (field === 'property' || field === 'key') && node.computed === false && !node.shorthand
}
