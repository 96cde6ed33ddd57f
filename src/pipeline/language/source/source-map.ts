import { isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml'
import type { Path, Position } from '../diagnostics/finding.ts'
import { offsetWritten } from './unfold.ts'

/** A parsed text that can say where things stand in what its author wrote. */
export type Places = { readonly root: unknown; readonly text: string; where(offset: number): Position }

/** Where a piece stands, or the nearest above it that is there: its key, or its value, or a place in the text of that. */
export function placeOf({ root, text, where }: Places, path: Path, key: boolean, within?: Position): Position {
  const node = nodeAt(root, path, key)
  if (within && isScalar(node)) return placeWithin(node, text, where, within)
  return where(node?.range?.[0] ?? 0)
}

/** Whether a text stands at that path without quotes. */
export function isBare({ root }: Places, path: Path): boolean {
  const node = nodeAt(root, path, false)
  return isScalar(node) && node.type === 'PLAIN'
}

function nodeAt(root: unknown, path: Path, wantsKey: boolean): Node | undefined {
  let node = root
  for (const [depth, part] of path.entries()) {
    const pair = isMap(node) ? pairsOf(node).get(String(part)) : undefined
    const last = depth === path.length - 1
    const next = isPair(pair)
      ? last && wantsKey
        ? pair.key
        : (pair.value ?? pair.key)
      : isSeq(node)
        ? node.items[Number(part)]
        : undefined
    if (next === undefined || next === null || isAlias(next)) return (next ?? node) as Node
    node = next
  }
  return (node ?? undefined) as Node | undefined
}

// a large map is looked through once, not for each of its keys
const known = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>()

function pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
  const found = known.get(map)
  if (found) return found
  const named = map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair] as const] : []))
  // of keys that stand twice the first
  const pairs = new Map(named.toReversed())
  known.set(map, pairs)
  return pairs
}

/** The place of a character of a scalar's value. */
function placeWithin(node: Scalar, text: string, where: Places['where'], within: Position): Position {
  const start = node.range![0]
  if (node.type === 'BLOCK_LITERAL') {
    const body = text.indexOf('\n', start) + 1
    const indent = /^(?:[ ]*\n)*([ ]*)/.exec(text.slice(body, body + 2000))?.[1]?.length ?? 0
    return { line: where(start).line + within.line, column: indent + within.column }
  }
  const first = start + (node.type === 'PLAIN' ? 0 : 1)
  const value = String(node.value)
  if (within.line === 1 && text.startsWith(value, first)) return where(first + within.column - 1)
  return where(offsetWritten(node, text, within) ?? start)
}
