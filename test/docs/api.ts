/**
 * Writes `api/*.md`: every name that the package exports, with its type. Run it with `node test/docs/api.ts` after the
 * public types have changed, and read what changed.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { API, type Project, type Type, type Symbol as TypeSymbol } from 'typescript/unstable/sync'

const ROOT = join(import.meta.dirname, '../..')
const CONFIG = join(import.meta.dirname, 'api.tsconfig.json')

/** The pages by their names: an export of the package and the file that it is made from. */
const ENTRIES = [
  ['antiphon', 'antiphon', 'src/index.ts'],
  ['client', 'antiphon/client', 'src/client.ts'],
  ['extend', 'antiphon/extend', 'src/extend.ts'],
  ['langgraph', '@antiphon/langgraph', 'packages/langgraph/src/index.ts'],
  ['testing', 'antiphon/testing', 'trials/index.ts'],
  ['conformance', 'antiphon/testing/conformance', 'trials/conformance.ts'],
] as const

/** Flags of symbols and of texts in the compiler. */
const ALIAS = 1 << 21
const FUNCTION = 16
const VALUE = 1 | 2 | 4 | FUNCTION
const CLASS = 32
const TYPE_ALIAS = 1 << 19
/** whole types, one member a line, an alias as what it stands for, single quotes, names of other modules */
const [WHOLE, LINES, INSIDE, QUOTES, OUTER] = [1, 1 << 10, 1 << 23, 1 << 28, 1 << 14] as const
const IN_PLACE = WHOLE | LINES | QUOTES | OUTER

/** A page: its path in the repository, and its text. */
export type Page = { readonly path: string; readonly text: string }

/** The pages as the present types make them. */
export function pages(): readonly Page[] {
  const api = new API({ cwd: ROOT })
  try {
    const project = api.updateSnapshot({ openProject: CONFIG }).getProject(CONFIG)!
    return pagesOf(project)
  } finally {
    api.close()
  }
}

function pagesOf(project: Project): readonly Page[] {
  const known = namedTypes(project)
  const listed = new Set<string>()
  const sections = ENTRIES.map(([page, entry, file]) => {
    const exported = exportsOf(project, join(ROOT, file))
    for (const name of exported.keys()) listed.add(name)
    const texts = [...exported].map(([name, symbol]) => [name, typeText(project, symbol, name)] as const)
    return { page, entry, texts }
  })
  const rest = reachedFrom(
    sections.flatMap(({ texts }) => texts.map(([, text]) => text)),
    (name) => (listed.has(name) ? undefined : known.get(name)),
    (name, symbol) => typeText(project, symbol, name),
  )
  return [
    ...sections.map(({ page, entry, texts }) => ({
      path: `api/${page}.md`,
      text: pageText(entry, `What \`import … from '${entry}'\` offers.`, texts),
    })),
    {
      path: 'api/types.md',
      text: pageText(
        'Types that have no export',
        'The exported types name these. A program gets them by inference.',
        rest,
      ),
    },
  ]
}

/** Types that texts name, and those that their own texts name, sorted. */
function reachedFrom(
  texts: readonly string[],
  find: (name: string) => TypeSymbol | undefined,
  show: (name: string, symbol: TypeSymbol) => string,
): readonly (readonly [name: string, text: string])[] {
  const found = new Map<string, string>()
  const left = [...texts]
  for (let text = left.pop(); text !== undefined; text = left.pop())
    for (const [name] of text.replaceAll(/'[^'\n]*'/g, '').matchAll(/\b[A-Z]\w*/g)) {
      const symbol = found.has(name) ? undefined : find(name)
      if (!symbol) continue
      found.set(name, show(name, symbol))
      left.push(found.get(name)!)
    }
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1))
}

/** The exports of a module by name, sorted. */
function exportsOf({ checker, program }: Project, file: string): ReadonlyMap<string, TypeSymbol> {
  const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)
  const found = module ? checker.getExportsOfModule(module) : []
  const real = (symbol: TypeSymbol) => (symbol.flags & ALIAS ? checker.getAliasedSymbol(symbol) : symbol)
  return new Map(found.map((one) => [one.name, real(one)] as const).sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** All types of the source that some file exports. A name means one thing in the whole of it. */
function namedTypes(project: Project): ReadonlyMap<string, TypeSymbol> {
  const files = project.program
    .getSourceFileNames()
    .filter((file) => /^(src|trials|packages)\//.test(file.slice(ROOT.length + 1)))
  return new Map(
    files.flatMap((file) => [...exportsOf(project, file)].filter(([, { flags }]) => (flags & VALUE) === 0)),
  )
}

/** A symbol as a reader of the types sees it: as it is written, or as the compiler sees it if that says little. */
function typeText(project: Project, symbol: TypeSymbol, name: string): string {
  const { checker } = project
  const { flags } = symbol
  const flat = (type: Type, more = 0) => checker.typeToString(type, undefined, IN_PLACE | more)
  if (flags & VALUE)
    return (
      signatures(project, symbol) ??
      `${flags & FUNCTION ? 'function' : 'const'} ${name}: ${flat(checker.getTypeOfSymbol(symbol)!)}`
    )
  const written = symbol.declarations.map((one) => withoutComments(one.resolve(project)!.getText())).join('\n')
  if (flags & CLASS) return headsIn(written)
  // a type of a schema, or of another type
  const isDerived = flags & TYPE_ALIAS && /^(?!\w+ \w+<)[\s\S]*\b(?:typeof|in keyof) \w/.test(written)
  return isDerived ? `type ${name} = ${flat(checker.getDeclaredTypeOfSymbol(symbol), INSIDE)}` : written
}

type Code = { getText(): string; readonly body?: Code; readonly initializer?: Code; readonly type?: Code }

/** A function as it is written, without its body; undefined for another value, or a function with an inferred result. */
function signatures(project: Project, symbol: TypeSymbol): string | undefined {
  const found = symbol.declarations.map((one) => one.resolve(project) as unknown as Code)
  // of an overloaded function, all but the last one
  const shown = found.length > 1 ? found.filter(({ body }) => !body) : found
  const heads = shown.map((node) => {
    const { body, type } = node.initializer?.body ? node.initializer : node
    if (!type || (node.initializer && !body)) return undefined
    const text = node.getText()
    return withoutComments(body ? text.slice(0, -body.getText().length) : text).replace(/(?: =>)?\s*$/, '')
  })
  return heads.includes(undefined)
    ? undefined
    : heads.map((head) => (/^(async )?function/.test(head!) ? head : `const ${head}`)).join('\n')
}

const withoutComments = (text: string) =>
  text
    .replaceAll(/^ *\/\*\*[\s\S]*?\*\/\n/gm, '')
    .replaceAll(/^ *\/\/.*\n/gm, '')
    .replace(/^export (?:declare )?/, '')

/** A class without the bodies of its methods. */
function headsIn(text: string): string {
  const [head = '', ...lines] = text.split('\n')
  const members = lines.filter((line) => /^ {2}(?:override |readonly )|^ {2}\w+\(.*\{$/.test(line))
  return [head, ...members.map((line) => line.replace(/ \{$/, '')), '}'].join('\n')
}

function pageText(title: string, about: string, texts: readonly (readonly [name: string, text: string])[]): string {
  const blocks = texts.map(
    ([, text]) => `\n\`\`\`ts\n${text.replaceAll('    ', '  ').replaceAll(/;$/gm, '')}\n\`\`\`\n`,
  )
  return `# ${title}\n\n${about} \`node test/docs/api.ts\` writes this page.\n${blocks.join('')}`
}

/** The committed text of a page. */
export const committed = ({ path }: Page): string => readFileSync(join(ROOT, path), 'utf8')

if (process.argv[1] === import.meta.filename)
  for (const { path, text } of pages()) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true })
    writeFileSync(join(ROOT, path), text)
  }
