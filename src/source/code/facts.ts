import type { SymbolKind } from './languages.ts'

/** Something that the code of a file defines. Lines count from 1; the first one is that of its name. */
export type CodeSymbol = {
  readonly kind: Exclude<SymbolKind, 'container'>
  readonly name: string
  /** the names of what it stands in and its own, joined by ` › ` */
  readonly path: string
  readonly line: number
  readonly endLine: number
  /** the last line before its body; absent: it is the first one, or it has no body */
  readonly headLine?: number
  /** whether other files can use it; absent if its language has no mark for that */
  readonly exported?: boolean
}

/** Lines of the code. `endLine`: the last one, if there are several. */
type CodeLines = { readonly line: number; readonly endLine?: number }

/** A place in the code. `from` is the path of the innermost definition around it; empty at the top of the file. */
type CodePlace = CodeLines & { readonly from: string }

/** A call of a name. The name of a method is its last part, since types are not known. */
type CodeCall = CodePlace & { readonly name: string }

/** A statement that ends a definition with an error, in one line. */
type CodeThrow = CodePlace & { readonly text: string }

/** An import of a module, as it is written. */
type CodeImport = CodeLines & { readonly module: string }

/** The facts that a parser finds in the code of a file, in its order. Each list has at most `MAX_FACTS` entries. */
export type CodeFacts = {
  readonly language: string
  readonly symbols: readonly CodeSymbol[]
  readonly imports: readonly CodeImport[]
  readonly calls: readonly CodeCall[]
  readonly throws: readonly CodeThrow[]
}

/** Maximum entries of each list of facts. */
export const MAX_FACTS = 5_000
