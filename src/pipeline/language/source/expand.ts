import type { Code } from '../diagnostics/codes.ts'
import type { Path } from '../diagnostics/finding.ts'
import { MOST_TEMPLATES, templatesIn } from './alias-limit.ts'
import type { Source } from './read-yaml.ts'
import { linesOf, type Piece } from './source-map.ts'

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
  readonly left: { characters: number; files: number; templates: number }
}

/** What one text is expanded with. */
export type Expansion = {
  readonly source: Source
  readonly read: ReadIncluded | undefined
  readonly included: Included
}

const DEEPEST = 10
/** `{{ file:path }}`, or `<< path >>` where that looks like one: a heredoc and a shift of bits do not. */
const DIRECTIVE = /\{\{\s*file:([^{}]+)\}\}|<<\s*([\w./~-]+)\s*>>/g
const PATH = /^(?:[\w./~-]*[\w~-]\.\w+|[\w.~-]*\/[\w./~-]+)$/

/** The text with the files it includes, and those that they include. */
export function expand(text: string, path: Path, expansion: Expansion): string {
  if (directivesIn(text).length === 0) return text
  const pieces = piecesOf({ text, chain: [] }, path, expansion)
  expansion.included.texts.set(JSON.stringify(path), pieces)
  return pieces.map((piece) => piece.text).join('')
}

type Directive = { readonly name: string; readonly start: number; readonly end: number }

function directivesIn(text: string): readonly Directive[] {
  return [...text.matchAll(DIRECTIVE)].flatMap(({ 0: all, 1: named, 2: path = '', index }) => {
    const name = named?.trim() ?? path
    const isOne = named === undefined ? PATH.test(path) : name !== '' && !name.includes('\n')
    return isOne ? [{ name: name.replace(/^(["'])(.*)\1$/, '$2'), start: index, end: index + all.length }] : []
  })
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
  for (const { name, start, end } of directivesIn(text)) {
    pieces.push(own(done, start))
    pieces.push(...included(name, written, start, path, expansion))
    done = end
  }
  return [...pieces, own(done, text.length)]
}

function included(name: string, written: Written, index: number, path: Path, expansion: Expansion): readonly Piece[] {
  const { chain, text } = written
  const { left } = expansion.included
  const refuse = (code: Code, message: string, hint?: string): readonly Piece[] => {
    const position = linesOf(text)(index)
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
  left.templates -= templatesIn(found.text)
  if (left.templates < 0) return refuse('include_too_large', `a pipeline includes at most ${MOST_TEMPLATES} templates`)
  return piecesOf({ text: found.text, chain: [...chain, found.file] }, path, expansion)
}

const NO_FILES: Refusal = { code: 'include_missing', message: 'there are no files here that could be included' }
