import type { Node, Tree, TreeCursor } from '@vscode/tree-sitter-wasm'
import { clip } from '../../lib/clip.ts'
import { type CodeFacts, type CodeSymbol, MAX_FACTS } from './facts.ts'
import type { SymbolKind, Syntax } from './languages.ts'

/** A definition with its comment and decorators, and the definitions in it. Lines count from 0. */
export type Definition = {
  readonly kind: SymbolKind
  readonly path: string
  readonly first: number
  readonly last: number
  readonly inner: readonly Definition[]
}

/** The contents of a syntax tree. `fault`: the first line that does not parse, which counts from 1. */
type CodeTree = {
  readonly definitions: readonly Definition[]
  readonly facts: CodeFacts
  readonly fault?: number
  /** the lists of facts that have more entries than are kept */
  readonly cut: readonly (keyof CodeFacts)[]
}

/** A node around the present one that matters: a definition, or a wrapper of one. */
type Frame = { readonly depth: number; readonly row: number; readonly start: number } & Partial<OpenDefinition>
type OpenDefinition = { readonly definition: Definition & { readonly inner: Definition[] } }

type Reader = {
  readonly language: Syntax
  readonly text: string
  readonly cursor: TreeCursor
  readonly frames: Frame[]
  readonly top: Definition[]
  /** the first row of the comments that end in a row */
  readonly comments: Map<number, number>
  /** names that an export clause lists */
  readonly exported: Set<string>
  /** names that a list says are all that is exported, as `__all__` does in Python */
  all?: ReadonlySet<string>
  readonly facts: { readonly [List in 'symbols' | 'imports' | 'calls' | 'throws']: CodeFacts[List][number][] }
  readonly cut: Set<keyof CodeFacts>
  fault?: number
}

const MAX_NAME = 200
const MAX_STATEMENT = 200
/** Definitions and wrappers in each other; what is deeper is part of what it is in. */
const MAX_DEPTH = 24
/** Nodes between two looks at the clock. */
const NODES_PER_LOOK = 2048
const LOCAL: readonly SymbolKind[] = ['function', 'method']
const VALUES: readonly SymbolKind[] = ['constant', 'variable', 'field']

/** Reads a syntax tree once, from its first node to its last. Undefined when it is late. */
export function readTree(tree: Tree, language: Syntax, text: string, isLate: () => boolean): CodeTree | undefined {
  const cursor = tree.walk()
  const facts = { symbols: [], imports: [], calls: [], throws: [] }
  const [frames, top, comments, exported] = [[], [], new Map<number, number>(), new Set<string>()]
  const reader: Reader = { language, text, cursor, frames, top, comments, exported, facts, cut: new Set() }
  try {
    if (!walk(reader, isLate)) return undefined
  } finally {
    cursor.delete()
  }
  const { all } = reader
  const listed = (symbol: CodeSymbol) => {
    if (all && symbol.exported) return { ...symbol, exported: all.has(symbol.path.split(' › ')[0]!) }
    return exported.has(symbol.path) ? { ...symbol, exported: true } : symbol
  }
  return {
    definitions: top,
    facts: { language: language.name, ...reader.facts, symbols: reader.facts.symbols.map(listed) },
    ...(reader.fault !== undefined && { fault: reader.fault }),
    cut: [...reader.cut],
  }
}

function walk(reader: Reader, isLate: () => boolean): boolean {
  const { cursor } = reader
  for (let [nodes, depth] = [0, 0]; ; nodes++) {
    if (nodes % NODES_PER_LOOK === 0 && isLate()) return false
    if (cursor.nodeIsNamed || cursor.nodeIsMissing) enter(reader, depth)
    if (cursor.gotoFirstChild()) depth++
    else
      while (!cursor.gotoNextSibling()) {
        if (!cursor.gotoParent()) return true
        depth--
      }
  }
}

function enter(reader: Reader, depth: number): void {
  const { cursor, language, frames } = reader
  const type = cursor.nodeType
  while (frames.length > 0 && frames.at(-1)!.depth >= depth) frames.pop()
  if (type === 'ERROR' || cursor.nodeIsMissing) reader.fault ??= cursor.startPosition.row + 1
  const form = language.throws.get(type)
  if (form) noteThrow(reader, form)
  if (type === 'export_specifier' || type === 'export_statement') noteExport(reader, cursor.currentNode)
  for (const { role, field } of language.nodes.get(type) ?? []) {
    if (role === 'comment') noteComment(reader)
    else if (role === 'import') noteImport(reader, cursor.currentNode, field)
    else if (role === 'call') noteCall(reader, cursor.currentNode, field)
    else if (role === 'wrapper') frames.push({ depth, row: cursor.startPosition.row, start: cursor.startIndex })
    else define(reader, cursor.currentNode, { kind: role, field: field || 'name', depth })
  }
}

// definitions

type Defining = { readonly kind: SymbolKind; readonly field: string; readonly depth: number }

function define(reader: Reader, node: Node, { kind, field, depth }: Defining): void {
  const { language, frames, top } = reader
  const named = nameNodeOf(node, field)
  const name = plainName(named?.text ?? '')
  if (!named || name === undefined || isOnlyNamed(node) || frames.length > MAX_DEPTH) return
  const around = frames.findLast((frame) => frame.definition)?.definition
  if (name === '__all__') reader.all = new Set([...node.text.matchAll(/["'](\w+)["']/g)].map(([, one]) => one!))
  const isLocal = around !== undefined && LOCAL.includes(around.kind)
  const sort = kindOf(kind, node, around?.kind)
  if (isLocal && VALUES.includes(sort)) return
  const outer = wrapperOf(frames, depth)
  const receiver = node.childForFieldName('receiver')?.text.match(/[\p{L}\p{N}_]+(?=[^\p{L}\p{N}_]*$)/u)?.[0]
  const path = [around?.path, receiver, name.replaceAll('::', ' › ')].filter(Boolean).join(' › ')
  const definition = { kind: sort, path, inner: [], ...rowsOf(reader, node, outer?.row) }
  ;(around?.inner ?? top).push(definition)
  frames.push({ depth, row: definition.first, start: node.startIndex, definition })
  if (sort === 'container') return
  const before = reader.text.slice(outer?.start ?? node.startIndex, named.startIndex)
  const exported = isExported(language, before, name)
  keep(reader, 'symbols', {
    kind: sort,
    name: name.slice(name.lastIndexOf(':') + 1),
    path,
    line: named.startPosition.row + 1,
    endLine: definition.last + 1,
    ...headOf(reader, node, named),
    ...(exported !== undefined && { exported: exported && !isLocal }),
  })
}

/** A head over several lines, such as one with a parameter in each. */
function headOf({ text }: Reader, node: Node, named: Node): Pick<CodeSymbol, 'headLine'> {
  const body = node.childForFieldName('body') ?? node.childForFieldName('value')?.childForFieldName('body')
  const breaks = body ? text.slice(named.startIndex, body.startIndex).trimEnd().split('\n').length - 1 : 0
  return breaks > 0 ? { headLine: named.startPosition.row + 1 + breaks } : {}
}

/** Directly around, so a wrapper is the parent, or the parent of a wrapper. */
function wrapperOf(frames: readonly Frame[], depth: number): Frame | undefined {
  let outer: Frame | undefined
  for (let place = frames.length - 1, near = depth - 1; place >= 0; place--, near--) {
    const frame = frames[place]!
    if (frame.definition || frame.depth !== near) break
    outer = frame
  }
  return outer
}

/** In C a struct is named where it is used, too. */
const isOnlyNamed = (node: Node) => /_specifier$/.test(node.type) && node.childForFieldName('body') === null

function kindOf(kind: SymbolKind, node: Node, around: SymbolKind | undefined): Definition['kind'] {
  if (kind === 'function')
    return around === undefined || around === 'module' || LOCAL.includes(around) ? kind : 'method'
  const value = node.childForFieldName(kind === 'type' ? 'type' : 'value') ?? node.childForFieldName('right')
  const form = value?.type ?? ''
  if (kind === 'type') return form.startsWith('struct') ? 'struct' : form.startsWith('interface') ? 'interface' : kind
  if (!VALUES.includes(kind)) return kind
  if (/^(?:arrow_function|function|function_expression|generator_function|lambda)$/.test(form))
    return kind === 'field' ? 'method' : 'function'
  if (form === 'class') return 'class'
  return around === 'class' || around === 'struct' ? 'field' : kind
}

/** From the field of a definition down to its name: C nests declarators. */
function nameNodeOf(node: Node, field: string): Node | null {
  let found = node.childForFieldName(field) ?? (field === 'name' ? node.firstNamedChild : null)
  for (let next = found; next; next = next.childForFieldName('declarator')) found = next
  return found
}

/** A name in one piece, without type parameters. A pattern has several. */
function plainName(text: string): string | undefined {
  if (text.length > MAX_NAME) return undefined
  const name = text.replace(/<[^<>]*>/g, '').replace(/<.*/s, '')
  return /^[\p{L}\p{N}_$#@~.:\\?!'"-]+$/u.test(name) ? name.replace(/^['"]|['"]$/g, '') : undefined
}

/** The rows of a definition with the comments directly above it. */
function rowsOf(reader: Reader, node: Node, outer: number | undefined): Pick<Definition, 'first' | 'last'> {
  let first = outer ?? node.startPosition.row
  for (let above = reader.comments.get(first - 1); above !== undefined; above = reader.comments.get(first - 1))
    first = above
  return { first, last: lastRowOf(node.endPosition, first) }
}

/** Some nodes end with the line break. */
const lastRowOf = ({ row, column }: { readonly row: number; readonly column: number }, first: number) =>
  column === 0 && row > first ? row - 1 : row

function isExported({ exported }: Syntax, before: string, name: string): boolean | undefined {
  if (!exported) return undefined
  return 'before' in exported ? exported.before.test(before) : exported.name.test(name)
}

// facts

function keep<List extends keyof Reader['facts']>(reader: Reader, list: List, fact: CodeFacts[List][number]): void {
  const known = reader.facts[list] as CodeFacts[List][number][]
  if (known.length < MAX_FACTS) known.push(fact)
  else reader.cut.add(list)
}

function noteComment({ cursor, comments, text }: Reader): void {
  const { startPosition, endPosition, startIndex } = cursor
  const isOwnLine = text.slice(startIndex - startPosition.column, startIndex).trim() === ''
  if (isOwnLine) comments.set(lastRowOf(endPosition, startPosition.row), startPosition.row)
}

function noteImport(reader: Reader, node: Node, field: string): void {
  const named = field === '' ? node : node.childForFieldName(field)
  const module = named && oneLine(named.text).replace(/^(?:import|using)\s+|;$|^['"<]|['">]$/g, '')
  if (module) keep(reader, 'imports', { module, ...linesOf(node) })
}

/** `export { a }` and `export default a` export the `a` of the file; `export { a } from` only passes it on. */
function noteExport({ exported }: Reader, node: Node): void {
  const isClause = node.type === 'export_specifier'
  const isPassedOn = isClause && node.parent?.parent?.childForFieldName('source') !== null
  const name = node.childForFieldName(isClause ? 'name' : 'value')
  if (name?.type === 'identifier' && !isPassedOn) exported.add(name.text)
}

const DEEPER = ['property', 'field', 'attribute', 'name', 'function', 'macro', 'type'] as const

function noteCall(reader: Reader, node: Node, field: string): void {
  const callee = field === '' ? node.firstNamedChild : node.childForFieldName(field)
  if (!callee) return
  let named = callee
  for (let next: Node | null = callee; next; next = deeper(next)) named = next
  const name = named.endIndex - named.startIndex < MAX_NAME ? lastName(named.text) : undefined
  if (name !== undefined) keep(reader, 'calls', { ...placeOf(reader, named.startPosition.row), name })
}

function deeper(node: Node): Node | null {
  for (const field of DEEPER) {
    const next = node.childForFieldName(field)
    if (next) return next
  }
  return null
}

/** The last name of a text, without type arguments. */
const lastName = (text: string) => /([\p{L}\p{N}_$#?!-]+)(?:<.*)?$/su.exec(text)?.[1]

/** A statement that throws what it calls is one fact. */
function noteThrow(reader: Reader, form: RegExp): void {
  const { cursor, text, facts } = reader
  const { startIndex: start } = cursor
  const said = text.slice(start, Math.min(cursor.endIndex, start + 4 * MAX_STATEMENT))
  if (!form.test(said)) return
  const place = { ...placeOf(reader, cursor.startPosition.row), ...linesOf(cursor) }
  const last = facts.throws.at(-1)
  if (last?.line === place.line && last.from === place.from) return
  keep(reader, 'throws', { ...place, text: clip(oneLine(said), MAX_STATEMENT) })
}

function placeOf({ frames }: Reader, row: number): { readonly from: string; readonly line: number } {
  const from = frames.findLast(({ definition }) => definition)?.definition?.path ?? ''
  return { from, line: row + 1 }
}

function linesOf({ startPosition: { row }, endPosition }: Pick<Node, 'startPosition' | 'endPosition'>) {
  const last = lastRowOf(endPosition, row)
  return { line: row + 1, ...(last > row && { endLine: last + 1 }) }
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim()
