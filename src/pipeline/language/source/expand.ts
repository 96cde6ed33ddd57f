import type { FindingCode } from '../../../run/finding.ts'
import type { DocumentPath } from '../diagnostics/finding.ts'
import { countTemplates, MAX_TEMPLATES } from './alias-limit.ts'
import type { LocatedDocument } from './read-yaml.ts'
import { positionFinder, type SourcePiece } from './source-map.ts'

/**
 * Reads an included file. `from`: the including file, absent for the pipeline. Returns the text, or
 * why it cannot be read. `file` identifies the file and names it in messages.
 */
export type ReadInclude = (
  path: string,
  from: string | undefined,
) => { readonly file: string; readonly text: string } | IncludeRefusal
type IncludeRefusal = { readonly code: FindingCode; readonly message: string; readonly hint?: string }

/** The pieces of each expanded text, by document path as JSON, and the remaining limits. */
export type IncludeState = {
  readonly texts: Map<string, readonly SourcePiece[]>
  readonly left: { characters: number; files: number; templates: number }
}

type ExpandContext = {
  readonly source: LocatedDocument
  readonly read: ReadInclude | undefined
  readonly included: IncludeState
}

const MAX_INCLUDE_DEPTH = 10
/** `{{ file:path }}`, or `<< path >>` if that looks like a path: a heredoc or a bit shift does not. */
const INCLUDE_DIRECTIVE = /\{\{\s*file:([^{}]+)\}\}|<<\s*([\w./~-]+)\s*>>/g
const INCLUDE_PATH = /^(?:[\w./~-]*[\w~-]\.\w+|[\w.~-]*\/[\w./~-]+)$/

/** The text with the files that it includes, and the files that these include. */
export function expandIncludes(text: string, path: DocumentPath, expansion: ExpandContext): string {
  if (directivesIn(text).length === 0) return text
  const pieces = piecesOf({ text, chain: [] }, path, expansion)
  expansion.included.texts.set(JSON.stringify(path), pieces)
  return pieces.map((piece) => piece.text).join('')
}

type Directive = { readonly name: string; readonly start: number; readonly end: number }

function directivesIn(text: string): readonly Directive[] {
  return [...text.matchAll(INCLUDE_DIRECTIVE)].flatMap(({ 0: all, 1: named, 2: path = '', index }) => {
    const name = named?.trim() ?? path
    const isOne = named === undefined ? INCLUDE_PATH.test(path) : name !== '' && !name.includes('\n')
    return isOne ? [{ name: name.replace(/^(["'])(.*)\1$/, '$2'), start: index, end: index + all.length }] : []
  })
}

/** A text during expansion, with the chain of files that led to it, the outermost first. */
type TextInChain = { readonly text: string; readonly chain: readonly string[] }

function piecesOf(written: TextInChain, path: DocumentPath, expansion: ExpandContext): readonly SourcePiece[] {
  const { text, chain } = written
  const file = chain.at(-1)
  const own = (start: number, end: number): SourcePiece => ({
    text: text.slice(start, end),
    source: text,
    start,
    ...(file !== undefined && { file }),
  })
  const pieces: SourcePiece[] = []
  let done = 0
  for (const { name, start, end } of directivesIn(text)) {
    pieces.push(own(done, start))
    pieces.push(...includedPieces(name, written, start, path, expansion))
    done = end
  }
  return [...pieces, own(done, text.length)]
}

function includedPieces(
  name: string,
  written: TextInChain,
  index: number,
  path: DocumentPath,
  expansion: ExpandContext,
): readonly SourcePiece[] {
  const { chain, text } = written
  const { left } = expansion.included
  const refuse = (code: FindingCode, message: string, hint?: string): readonly SourcePiece[] => {
    const position = positionFinder(text)(index)
    const file = chain.at(-1)
    const place = file === undefined ? { within: position } : { at: { file, ...position } }
    expansion.source.report(code, path, message, { ...place, hint })
    return []
  }
  const found = expansion.read?.(name, chain.at(-1)) ?? NO_FILES
  if ('code' in found) return refuse(found.code, found.message, found.hint)
  if (chain.includes(found.file))
    return refuse('include_cycle', `files include each other: ${[...chain, found.file].join(' → ')}`)
  if (chain.length === MAX_INCLUDE_DEPTH)
    return refuse('include_depth', `files include each other more than ${MAX_INCLUDE_DEPTH} deep`)
  left.characters -= found.text.length
  left.files -= 1
  if (left.characters < 0 || left.files < 0)
    return refuse('include_too_large', 'a pipeline includes at most 10 MB of text, from at most 10 000 places')
  left.templates -= countTemplates(found.text)
  if (left.templates < 0) return refuse('include_too_large', `a pipeline includes at most ${MAX_TEMPLATES} templates`)
  return piecesOf({ text: found.text, chain: [...chain, found.file] }, path, expansion)
}

const NO_FILES: IncludeRefusal = { code: 'include_missing', message: 'files cannot be included here' }
