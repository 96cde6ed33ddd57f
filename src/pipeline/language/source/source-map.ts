import { isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair, type Scalar, visit, type YAMLMap } from 'yaml'
import type { TextPosition } from '../../../yaml/parse.ts'
import type { DocumentPath } from '../diagnostics/finding.ts'

/** A parsed text that knows the positions of its pieces in the author's text. */
export type SourceMap = { readonly root: unknown; readonly text: string; where(offset: number): TextPosition }

/** The position of a path, or of its nearest existing ancestor: its key, its value, or a position within its text. */
export function positionOfPath(
  { root, text, where }: SourceMap,
  path: DocumentPath,
  key: boolean,
  within?: TextPosition,
): TextPosition {
  const node = nodeAt(root, path, key)
  if (within && isScalar(node)) return placeWithin(node, text, where, within)
  return where(node?.range?.[0] ?? 0)
}

/** Whether the text at that path is written without quotes. */
export function isUnquoted({ root }: SourceMap, path: DocumentPath): boolean {
  const node = nodeAt(root, path, false)
  return isScalar(node) && node.type === 'PLAIN'
}

/** The number, word or other plain value at that path, as written; undefined for lists, maps and quoted texts. */
export function writtenAt({ root }: SourceMap, path: DocumentPath): string | undefined {
  const found = nodeAt(root, path, false)
  const node = isAlias(found) ? anchored(root, found.source) : found
  return isScalar(node) && node.type === 'PLAIN' ? node.source : undefined
}

function anchored(root: unknown, name: string): Scalar | undefined {
  let found: Scalar | undefined
  const see = (_key: unknown, node: Scalar) => {
    if (node.anchor !== name) return undefined
    found = node
    return visit.BREAK
  }
  visit(root as Node, { Scalar: see })
  return found
}

function nodeAt(root: unknown, path: DocumentPath, wantsKey: boolean): Node | undefined {
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

// a large map is scanned once, not for each of its keys
const known = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>()

function pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
  const found = known.get(map)
  if (found) return found
  const named = map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair] as const] : []))
  // for a repeated key, the first one counts
  const pairs = new Map(named.toReversed())
  known.set(map, pairs)
  return pairs
}

/** The position of a character of a scalar's value. */
function placeWithin(node: Scalar, text: string, where: SourceMap['where'], within: TextPosition): TextPosition {
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

/** Maps the characters of a value to the text in which it was written. */
type Letters = {
  readonly lines: readonly number[]
  readonly own: readonly number[]
  readonly written: readonly number[]
}

// all findings of one text use it
const letterCache = new WeakMap<Scalar, Letters>()

/**
 * The offset of a position of a value in the source text. YAML folds lines and resolves escapes, but keeps all
 * non-blank characters in order. So the position is after the same number of them in both texts.
 */
function offsetWritten(node: Scalar, text: string, { line, column }: TextPosition): number | undefined {
  const letters = letterCache.get(node) ?? lettersOf(node, text)
  letterCache.set(node, letters)
  const { lines, own, written } = letters
  if (own.length !== written.length) return undefined
  const offset = (lines[line - 1] ?? 0) + column - 1
  return written[countBelow(own, offset)]
}

function lettersOf(node: Scalar, text: string): Letters {
  const value = String(node.value)
  const own = [...value.matchAll(/\S/g)].map(({ index }) => index)
  return { lines: lineStarts(value), own, written: lettersWritten(node, text) }
}

function lettersWritten({ type, range }: Scalar, text: string): readonly number[] {
  const [start, end] = range!
  switch (type) {
    case 'BLOCK_FOLDED':
      return lettersIn(text, text.indexOf('\n', start), end, /\S/g)
    case 'QUOTE_SINGLE':
      return lettersIn(text, start + 1, end - 1, /''|\S/g)
    case 'QUOTE_DOUBLE':
      return lettersIn(text, start + 1, end - 1, ESCAPE)
    default:
      return lettersIn(text, start, end, /\S/g)
  }
}

const ESCAPE = /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[\s\S])|\S/g

/** The offsets of characters in part of a text; a surrogate pair has two. */
function lettersIn(text: string, start: number, end: number, sign: RegExp): readonly number[] {
  return [...text.slice(start, end).matchAll(sign)].flatMap(({ 0: written, index }) =>
    Array.from({ length: countIn(written) }, () => start + index),
  )
}

/** The number of characters of the value that a piece of source text stands for. */
function countIn(written: string): number {
  if (!written.startsWith('\\')) return 1
  const code = /^\\[xuU](.+)/.exec(written)?.[1]
  if (code === undefined) return /^\\[\s_ntrvfLP]/.test(written) ? 0 : 1
  const letters = String.fromCodePoint(Math.min(Number.parseInt(code, 16), 0x10ffff))
  return /^\s$/.test(letters) ? 0 : letters.length
}

/** A piece of a text. `file`: the included file it is from; `source`: the whole text around it, from `start` on. */
export type SourcePiece = {
  readonly text: string
  readonly file?: string
  readonly source: string
  readonly start: number
}

type Placed = TextPosition & { readonly file?: string }

type Find = (within: TextPosition) => Placed

// all findings of one text use it
const finders = new WeakMap<readonly SourcePiece[], Find>()

/** The original position of a position in the joined text. */
export function positionInPieces(pieces: readonly SourcePiece[], within: TextPosition): Placed {
  const find = finders.get(pieces) ?? finderIn(pieces)
  finders.set(pieces, find)
  return find(within)
}

function finderIn(pieces: readonly SourcePiece[]): Find {
  const starts = lineStarts(pieces.map(({ text }) => text).join(''))
  const lines = new Map<string, (offset: number) => TextPosition>()
  return (within) => {
    let left = (starts[within.line - 1] ?? 0) + within.column - 1
    for (const [index, { text, file, source, start }] of pieces.entries()) {
      if (left < text.length || index === pieces.length - 1) {
        const find = lines.get(source) ?? positionFinder(source)
        lines.set(source, find)
        return { ...find(start + left), ...(file !== undefined && { file }) }
      }
      left -= text.length
    }
    return within
  }
}

/** The number of sorted items that are smaller. */
export function countBelow(sorted: ArrayLike<number>, bound: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < bound) low = middle + 1
    else high = middle
  }
  return low
}

/** The offsets at which lines begin. */
function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** Converts offsets in a text to lines and columns. The text is scanned once. */
export function positionFinder(text: string): (offset: number) => TextPosition {
  const starts = lineStarts(text)
  return (offset) => {
    const line = countBelow(starts, offset + 1)
    return { line, column: offset - starts[line - 1]! + 1 }
  }
}
