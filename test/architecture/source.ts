import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join, normalize, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { errorTextsOf, hintsOf } from './error-texts.ts'
import { isNode, type Node, nodesOf } from './syntax.ts'

/** What the rules ask about a file; paths from the root of the repository. */
export type Source = {
  readonly path: string
  readonly lines: number
  readonly imports: readonly Import[]
  /** uses of what is there without an import, such as `Date.now` or `fetch` */
  readonly globals: ReadonlySet<string>
  /** names of what is called of an object */
  readonly calls: ReadonlySet<string>
  /** an `import()` of something computed */
  readonly loadsByName: boolean
  /** names of the types and classes that the file itself defines and exports */
  readonly exportedTypes: readonly string[]
  /** names of the variables, parameters, functions, types and fields that the file itself declares */
  readonly declared: ReadonlySet<string>
  /** the lines of the longest function, blank lines and comments included */
  readonly longestFunction: number
  /** messages of errors */
  readonly errorTexts: readonly string[]
  /** hints of errors and findings */
  readonly hints: readonly string[]
}
type Import = {
  readonly target: string
  readonly isOwn: boolean
  readonly isType: boolean
  /** by `import()`, or a file that is started as a thread */
  readonly isLater?: boolean
}

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The folders that keep all rules: `src`, and `src` of each package. */
export const codeFolders = (root = ROOT): readonly string[] => [
  'src',
  ...globSync('packages/*/src', { cwd: root }).sort(),
]

/** Every file of a folder of the repository, or only those in which some text stands. */
export function readSources(folder: string, holds = ''): readonly Source[] {
  return readPaths(folder)
    .map(({ path }) => ({ path, text: readText(path) }))
    .filter(({ text }) => text.includes(holds))
    .map(({ path, text }) => readSource(path, text))
}

/** The paths of the TypeScript files of a folder of the repository. */
export function readPaths(folder: string): readonly { readonly path: string }[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => ({ path: posix.join(folder, path) }))
}

/** The sources of the pages of the dashboard, with their styles, by their lines. */
export function readPages(): readonly Pick<Source, 'path' | 'lines'>[] {
  return readdirSync(join(ROOT, 'ui'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(?:tsx?|css)$/.test(path) && !path.startsWith('dist'))
    .map((path) => posix.join('ui', path))
    .map((path) => ({ path, lines: readText(path).trimEnd().split('\n').length }))
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** Parses a file once, for all rules: the trees of all files would fill the memory. */
export function readSource(path: string, text: string): Source {
  const nodes = nodesOf(path, text)
  return {
    path,
    lines: text.trimEnd().split('\n').length,
    imports: nodes.flatMap((node) => importOf(node, path)),
    globals: new Set(nodes.flatMap(globalOf)),
    calls: new Set(nodes.flatMap(callOf)),
    loadsByName: nodes.some((node) => node.type === 'ImportExpression' && nameOf(node.source) === undefined),
    exportedTypes: nodes.flatMap(exportedTypeOf),
    declared: new Set(nodes.flatMap(declaredBy)),
    longestFunction: Math.max(0, ...nodes.map((node) => functionLines(node, text))),
    errorTexts: errorTextsOf(nodes),
    hints: hintsOf(nodes),
  }
}

const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']

function functionLines({ type, start, end }: Node, text: string): number {
  return FUNCTIONS.includes(type) ? text.slice(Number(start), Number(end)).split('\n').length : 0
}

function declaredBy(node: Node): readonly string[] {
  const { type, id, key, params = [], param } = node as Node & { readonly params?: unknown }
  if (type === 'TSPropertySignature' || type === 'TSMethodSignature') return namesIn(key)
  if (type === 'VariableDeclarator' || /^TS(?:TypeAlias|Interface)|^Class/.test(type)) return namesIn(id)
  return /Function/.test(type) ? [id, ...[params].flat()].flatMap(namesIn) : namesIn(param)
}

/** The names that a pattern binds. */
function namesIn(pattern: unknown): readonly string[] {
  if (!isNode(pattern)) return []
  const { type, name, properties, elements, left, argument, value } = pattern as Node & {
    readonly [field: string]: never
  }
  if (type === 'Identifier') return [String(name)]
  if (type === 'Property') return namesIn(value)
  return [properties ?? [], elements ?? [], left, argument].flat().flatMap(namesIn)
}

const TYPES = ['TSTypeAliasDeclaration', 'TSInterfaceDeclaration', 'ClassDeclaration']

function exportedTypeOf({ type, declaration }: Node): readonly string[] {
  if (type !== 'ExportNamedDeclaration' || !isNode(declaration) || !TYPES.includes(declaration.type)) return []
  return [String((declaration.id as { readonly name: string }).name)]
}

function callOf({ type, callee }: Node): readonly string[] {
  const { property } = (type === 'CallExpression' ? callee : {}) as { readonly property?: { readonly name?: string } }
  return property?.name === undefined ? [] : [property.name]
}

function importOf(node: Node, path: string): readonly Import[] {
  const source = nameOf(node.source)
  if (source === undefined) return workerOf(node, path)
  if (node.type === 'ImportExpression') return [{ ...toImport(source, path, false), isLater: true }]
  if (node.type === 'TSImportType') return [toImport(source, path, true)]
  return [toImport(source, path, isTypeOnly(node))]
}

/** A file that is started as a thread: `new URL('./x.ts', import.meta.url)`. */
function workerOf(node: Node, path: string): readonly Import[] {
  const [file] = (node.arguments ?? []) as readonly unknown[]
  const name = nameOf(file)
  if (node.type !== 'NewExpression' || (node.callee as Node).name !== 'URL' || !name?.startsWith('.')) return []
  return name.endsWith('.ts') ? [{ ...toImport(name, path, false), isLater: true }] : []
}

function nameOf(node: unknown): string | undefined {
  return isNode(node) && node.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined
}

function isTypeOnly(node: Node): boolean {
  if (node.importKind === 'type' || node.exportKind === 'type') return true
  const specifiers = (node.specifiers ?? []) as readonly Node[]
  return (
    specifiers.length > 0 &&
    specifiers.every(({ importKind, exportKind }) => importKind === 'type' || exportKind === 'type')
  )
}

function toImport(name: string, path: string, isType: boolean): Import {
  const isOwn = name.startsWith('.')
  return { target: isOwn ? normalize(posix.join(posix.dirname(path), name)) : name, isOwn, isType }
}

function globalOf(node: Node): readonly string[] {
  if (node.type === 'Identifier') return [String(node.name)]
  if (node.type === 'NewExpression')
    return (node.callee as Node).name === 'Date' && (node.arguments as unknown[]).length === 0 ? ['new Date()'] : []
  if (node.type !== 'MemberExpression') return []
  const object = node.object as Node
  return object.type === 'Identifier' ? [`${object.name}.${(node.property as Node).name}`] : []
}
