import { type Document, isMap, isNode, isScalar } from 'yaml'

/** The offset of the value or key at a path. For a missing one, the place where it should be. */
export function offsetOfPath(document: Document, path: readonly PropertyKey[], wantsKey: boolean): number | undefined {
  const node = wantsKey ? keyNode(document, path) : document.getIn(path, true)
  if (isNode(node) && node.range) return node.range[0]
  return path.length === 0 ? 0 : offsetOfPath(document, path.slice(0, -1), true)
}

function keyNode(document: Document, path: readonly PropertyKey[]): unknown {
  const map = document.getIn(path.slice(0, -1), true)
  if (!isMap(map)) return undefined
  return map.items.find(({ key }) => isScalar(key) && String(key.value) === path.at(-1))?.key
}
