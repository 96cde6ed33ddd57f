import { cpSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, posix, relative, resolve } from 'node:path'
import { rolldown } from 'rolldown'

// Joins the modules of dist/ into few files, since a small file takes a whole block on disk and a read of its own at
// the start. Files that are named by a path (exports, programs, threads, jobs of the pool) keep their names.

const ROOT = resolve(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')
const NEW = join(ROOT, 'dist.new')

/** Leaves up to this size lie in one file. */
const LEAF_BYTES = 1600
/** Larger ones lie in another file, if so many of the files that are named, or loaded later, need them. */
const COMMON = { bytes: 6000, files: 12 } as const

/** A chunk that only renames exports of another one; chunks that are needed at the start; later loads. */
const RENAMES = /^export \{ ([^}]*) \} from "\.\/([^"]+)";\s*$/
const NEEDS = /\b(?:from|import) "[^"]*\/([^"/]+)"/g
const LOADS = /\bimport\("([^"]*\/)([^"/]+)"\)/g

type Manifest = { readonly exports: { readonly [name: string]: string | { readonly default: string } } }

rmSync(NEW, { recursive: true, force: true })
const modules = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))
const bundle = await rolldown({
  input: Object.fromEntries([...exported(), 'cli/main.js'].map((name) => [name.slice(0, -3), join(DIST, name)])),
  platform: 'node',
  // a comment for each module would take 77 KB
  experimental: { attachDebugInfo: 'none' },
  external: (id) => !/^[./]/.test(id),
  plugins: [
    {
      name: 'places',
      transform(code, path) {
        const module = relative(DIST, path)
        for (const fileName of filesByUrl(code, module))
          this.emitFile({ type: 'chunk', id: join(DIST, fileName), fileName })
        return { code: code.replace(/\bimport\.meta\.(url|dirname)\b/g, `__place_$1("${module}")`) }
      },
      renderChunk: (code, { fileName }) => ({
        code: code.replace(/\b__place_(url|dirname)\("([^"]+)"\)/g, (_, kind, module) =>
          placeIn(fileName, module, kind),
        ),
      }),
    },
  ],
})
await bundle.write({
  dir: NEW,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
  codeSplitting: {
    groups: [
      { name: 'leaves', test: (path) => isLeaf(path, LEAF_BYTES) },
      { name: 'common', test: (path) => isLeaf(path, COMMON.bytes), minShareCount: COMMON.files },
    ],
  },
  comments: false,
})
await bundle.close()
for (const name of modules) rmSync(join(DIST, name))
cpSync(NEW, DIST, { recursive: true })
rmSync(NEW, { recursive: true })
loadRenamedDirectly()
removeEmpty(DIST)

/** A small module that needs no other one: to load it with others costs less than a file of its own. */
function isLeaf(path: string, most: number): boolean {
  if (!path.startsWith(DIST)) return false
  const code = readFileSync(path, 'utf8')
  return code.length < most && !/^(?:import|export)\b.*\bfrom\b|^import\b|\bimport\(|import\.meta/m.test(code)
}

function exported(): readonly string[] {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest
  return Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [] : relative('dist', entry.default)))
}

/** The files that a module names by a URL, as threads and jobs do. */
function filesByUrl(code: string, module: string): readonly string[] {
  const named = [...code.matchAll(/new URL\(`([^`]+)\$\{extname\(import\.meta\.url\)\}`, import\.meta\.url\)/g)]
  const own = code.includes('new URL(import.meta.url)') ? [module] : []
  return [...own, ...named.map(([, path]) => posix.join(posix.dirname(module), `${path}.js`))]
}

/** Where a module stood before it was joined with others, seen from the file that it is in now. */
function placeIn(file: string, module: string, kind: string): string {
  const path = posix.relative(posix.dirname(file), module)
  const url =
    path === posix.basename(file)
      ? 'import.meta.url'
      : `new URL(${JSON.stringify(path.startsWith('.') ? path : `./${path}`)}, import.meta.url).href`
  return kind === 'url' ? url : `decodeURI(new URL('.', ${url}).pathname)`
}

/** Modules load the chunk that has a name in place of one that only renames it, unless the start needs that one. */
function loadRenamedDirectly(): void {
  const paths = readdirSync(DIST, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js') && !name.startsWith('ui/'))
    .map((name) => join(DIST, name))
  const texts = new Map(paths.map((path) => [path, readFileSync(path, 'utf8')]))
  const needed = new Set([...texts.values()].flatMap((text) => [...text.matchAll(NEEDS)].map(([, name]) => name)))
  const renaming = new Map<string, readonly [target: string, names: string]>()
  for (const [path, text] of texts) {
    const [, names, target] = RENAMES.exec(text) ?? []
    if (names === undefined || basename(dirname(path)) !== 'chunks' || needed.has(basename(path))) continue
    const fields = names.split(', ').map((one) => one.split(' as '))
    renaming.set(basename(path), [target!, fields.map(([from, to = from]) => `${to}: m.${from}`).join(', ')])
    rmSync(path)
    texts.delete(path)
  }
  const directly = (all: string, place: string, name: string) => {
    const [target, picked] = renaming.get(name) ?? []
    return target === undefined ? all : `import("${place}${target}").then((m) => ({ ${picked} }))`
  }
  for (const [path, text] of texts) writeFileSync(path, text.replace(LOADS, directly))
}

function removeEmpty(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeEmpty(join(folder, entry.name))
  if (readdirSync(folder).length === 0) rmdirSync(folder)
}
