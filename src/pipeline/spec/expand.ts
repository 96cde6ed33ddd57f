import type { Code } from '../diagnostics.ts'
import type { Path } from '../findings.ts'
import { type Piece, positionOf } from './pieces.ts'
import type { Source } from './yaml.ts'

/**
 * What a path means that is included from `from` (the pipeline when absent): a file with its text, or why it is none. `file` is the same
 * for the same file, and what to call it.
 */
export type ReadIncluded = (
  path: string,
  from: string | undefined,
) => { readonly file: string; readonly text: string } | Refusal
type Refusal = { readonly code: Code; readonly message: string; readonly hint?: string }

/** What was included so far: by path in the document (as JSON) the pieces of a text; how much more there may be. */
export type Included = {
  readonly texts: Map<string, readonly Piece[]>
  readonly left: { characters: number; files: number }
}

/** What one text is expanded with. */
export type Expansion = {
  readonly source: Source
  readonly read: ReadIncluded | undefined
  readonly included: Included
}

const DEEPEST = 10
/** `{{ file:path }}`, or `<< path >>` where that looks like one: a heredoc and a shift of bits do not. */
const DIRECTIVE = /\{\{\s*file:\s*([^{}\n]+?)\s*\}\}|<<\s*([\w./~-]*[\w~-]\.\w+|[\w.~-]*\/[\w./~-]+)\s*>>/g

/** The text with the files it includes, and those that they include. */
export function expand(text: string, path: Path, expansion: Expansion): string {
  if (text.search(DIRECTIVE) < 0) return text
  const pieces = piecesOf({ text, chain: [] }, path, expansion)
  expansion.included.texts.set(JSON.stringify(path), pieces)
  return pieces.map((piece) => piece.text).join('')
}

/** A text on its way: the files, from the outermost, that led to it. */
type Written = { readonly text: string; readonly chain: readonly string[] }

function piecesOf(written: Written, path: Path, expansion: Expansion): readonly Piece[] {
  const { text, chain } = written
  const file = chain.at(-1)
  const own = (start: number, end: number): Piece => ({
    text: text.slice(start, end),
    source: text,
    start,
    ...(file !== undefined && { file }),
  })
  const pieces: Piece[] = []
  let done = 0
  for (const { 0: directive, 1: first, 2: second, index } of text.matchAll(DIRECTIVE)) {
    pieces.push(own(done, index))
    pieces.push(...included((first ?? second)!.replace(/^(["'])(.*)\1$/, '$2'), written, index, path, expansion))
    done = index + directive.length
  }
  return [...pieces, own(done, text.length)]
}

function included(name: string, written: Written, index: number, path: Path, expansion: Expansion): readonly Piece[] {
  const { chain, text } = written
  const { left } = expansion.included
  const refuse = (code: Code, message: string, hint?: string): readonly Piece[] => {
    const position = positionOf(text, index)
    const file = chain.at(-1)
    const place = file === undefined ? { within: position } : { at: { file, ...position } }
    expansion.source.report(code, path, message, { ...place, hint })
    return []
  }
  const found = expansion.read?.(name, chain.at(-1)) ?? NO_FILES
  if ('code' in found) return refuse(found.code, found.message, found.hint)
  if (chain.includes(found.file))
    return refuse('include_cycle', `files include each other: ${[...chain, found.file].join(' → ')}`)
  if (chain.length === DEEPEST) return refuse('include_depth', `files include each other more than ${DEEPEST} deep`)
  left.characters -= found.text.length
  left.files -= 1
  if (left.characters < 0 || left.files < 0)
    return refuse('include_too_large', 'a pipeline includes at most 10 MB of text, from at most 10 000 places')
  return piecesOf({ text: found.text, chain: [...chain, found.file] }, path, expansion)
}

const NO_FILES: Refusal = { code: 'include_missing', message: 'there are no files here that could be included' }
