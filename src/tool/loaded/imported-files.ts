import { readdirSync, statSync } from 'node:fs'
import { dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readPlainFileNow } from '../../lib/encoding/plain-file.ts'
import { realIfThere } from '../../lib/encoding/real-path.ts'
import { attempt } from '../../lib/flow/attempt.ts'

/** The bounds of a search: no folder with one of `outer` is closed as a whole. Programs are started in `bases`. */
export type ImportBounds = { readonly outer: readonly string[]; readonly bases: readonly string[] }

const MAX_FILES = 200
const MAX_SOURCE_BYTES = 2 * 1024 * 1024

/**
 * The files that modules and scripts load, with all that these load, as `fixedRoot` takes them: every text in their
 * sources that may be the path of a file counts, whether the file exists or not, and so do the folders of the entries.
 * Packages in `node_modules` are closed by that name.
 */
export function importedFiles(entries: readonly string[], bounds: ImportBounds): readonly string[] {
  const fixed = new Set<string>()
  const seen = new Set<string>()
  const queue = entries.map(realIfThere)
  for (const entry of queue.filter(isSource)) for (const one of ownFolder(dirname(entry), bounds)) fixed.add(one)
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    if (seen.has(file) || /[\\/]node_modules[\\/]/.test(file)) continue
    seen.add(file)
    fixed.add(file)
    if (file.startsWith(OWN_SOURCES)) continue
    // another module of Python beside it would be loaded instead of one of Python's own
    if (file.endsWith('.py')) for (const one of ownFolder(dirname(file), bounds)) fixed.add(one)
    if (seen.size > MAX_FILES) continue
    for (const path of mentionedPaths(file, bounds)) {
      for (const one of placesOf(path, bounds)) fixed.add(one)
      // a mention of a folder above is no import of all that lies there
      if (!file.startsWith(`${path}/`)) queue.push(...sourcesAt(path))
    }
  }
  return [...fixed]
}

/** Finds the sources that a module of a project loads, with its own. Those of packages and of antiphon are left out. */
export function importsIn(folder: string): (module: string) => readonly string[] {
  const root = realIfThere(folder)
  const isCode = (path: string) =>
    isSource(path) && !path.startsWith(OWN_SOURCES) && statSync(path, { throwIfNoEntry: false })?.isFile() === true
  return (module) => importedFiles([module], { outer: [root], bases: [root] }).filter(isCode)
}

/** The folder of a module, or the files with code in it where the project or its roots lie in the folder. */
function ownFolder(folder: string, bounds: ImportBounds): readonly string[] {
  return isOuter(folder, bounds) ? [`${folder}/*`] : [folder]
}

/** Whether the project or one of its roots is the folder, or lies in it. */
export const isOuter = (folder: string, { outer }: ImportBounds) =>
  outer.some((one) => one === folder || one.startsWith(folder === '/' ? folder : `${folder}/`))

/** All that a path could mean: the file, the file with an ending, or the files of a folder. */
function placesOf(path: string, bounds: ImportBounds): readonly string[] {
  const real = realIfThere(path)
  const all = [...new Set([path, real])]
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isDirectory()) return all.flatMap((one) => ownFolder(one, bounds))
  const more = extname(path) === '' ? ENDINGS.map((ending) => path + ending) : []
  return [...all, ...more]
}

const ENDINGS = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.jsx', '.tsx', '.json', '.node', '.py', '.sh']
const isScript = (path: string) => path.endsWith('.sh') || extname(path) === ''
const isSource = (path: string) => /\.(?:[cm]?[jt]sx?|py|sh)$/.test(path)

/** The sources that are read on at a path. */
function sourcesAt(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isFile()) return isSource(path) || extname(path) === '' ? [realIfThere(path)] : []
  const inside = found?.isDirectory() ? namesIn(path).map((name) => join(path, name)) : []
  return [...inside, ...ENDINGS.map((ending) => path + ending)]
    .filter((one) => isSource(one) && statSync(one, { throwIfNoEntry: false })?.isFile())
    .map(realIfThere)
}

/** The sources of antiphon itself, which a plugin beside them may import. */
const OWN_SOURCES = `${resolve(import.meta.dirname, '../..')}/`

const TEXT = /(['"`])((?:\\.|(?!\1)[^\\\n])*)\1/g
const RELATIVE = /^(?:\.{1,2}\/|file:)/
const CODE_NAME = /^[\w@./-]+\.(?:[cm]?[jt]sx?|json|node|wasm|py|sh)$/
const IMPORT = /\b(?:from|import|require)\b[\s(]*(['"])([^'"\s]+)\1/g

/** The paths that a source names: relative, absolute, files with code, local aliases, and linked packages. */
function mentionedPaths(file: string, bounds: ImportBounds): readonly string[] {
  const { texts, packages, words } = mentionsIn(file)
  const folder = dirname(file)
  const linked = packages.flatMap((name) => linkedPackage(name, folder))
  const paths = texts.flatMap((text) => {
    if (text.startsWith('#')) return aliasesOf(folder)
    if (RELATIVE.test(text)) return withoutOuter(pathOf(text, folder), bounds)
    return []
  })
  const bases = [folder, ...(isScript(file) ? bounds.bases : [])]
  const started = words.flatMap((word) => bases.map((base) => resolve(base, word)))
  return [...paths, ...started, ...linked]
}

type Mentions = {
  readonly texts: readonly string[]
  readonly packages: readonly string[]
  readonly words: readonly string[]
}

const NO_MENTIONS: Mentions = { texts: [], packages: [], words: [] }
const known = new Map<string, { readonly state: string; readonly mentions: Mentions }>()

/** The mentions of a source. They are read again when the file has changed. */
function mentionsIn(file: string): Mentions {
  const found = statSync(file, { throwIfNoEntry: false })
  if (!found?.isFile() || found.size > MAX_SOURCE_BYTES) return NO_MENTIONS
  const state = `${found.mtimeMs} ${found.ctimeMs} ${found.size} ${found.ino}`
  const before = known.get(file)
  if (before?.state === state) return before.mentions
  const source = textOf(file) ?? ''
  const all = new Set([...source.matchAll(TEXT)].map(([, , text]) => text!.split('${')[0]!))
  const texts = [...all].filter((text) => text !== '' && text.length <= 4096 && !text.includes('\0'))
  const script = isScript(file) ? source.split(/[\s'"=;|&()]+/) : []
  const mentions = {
    texts: texts.filter((text) => !/\s/.test(text) && (text.startsWith('#') || RELATIVE.test(text))),
    packages: [...new Set([...source.matchAll(IMPORT)].map(([, , name]) => name!))],
    words: [...new Set([...texts, ...script].filter((word) => CODE_NAME.test(word)))],
  }
  if (known.size > 10 * MAX_FILES) known.clear()
  known.set(file, { state, mentions })
  return mentions
}

const pathOf = (text: string, folder: string): string =>
  attempt(() => (text.startsWith('file:') ? fileURLToPath(text) : resolve(folder, text.split(/[?#]/, 1)[0]!)), folder)

// a mention such as './' adds nothing: the folder of the module is closed already
const withoutOuter = (path: string, bounds: ImportBounds) => (isOuter(path, bounds) ? [] : [path])

/** All local files that the nearest package.json gives names such as `#lib`. */
function aliasesOf(folder: string): readonly string[] {
  const text = textOf(join(folder, 'package.json'))
  if (text === undefined) return dirname(folder) === folder ? [] : aliasesOf(dirname(folder))
  try {
    const { imports } = JSON.parse(text) as { readonly imports?: unknown }
    return textsIn(imports).flatMap((target) =>
      target.startsWith('./') ? [resolve(folder, target.split('*')[0]!.replace(/\/$/, ''))] : [],
    )
  } catch {
    return []
  }
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

const PACKAGE = /^(?:@[\w.-]+\/)?[\w.-]+/

/** The folder of a package of this project that a link in `node_modules` names. */
function linkedPackage(text: string, folder: string): readonly string[] {
  const [name] = PACKAGE.exec(text) ?? []
  if (name === undefined) return []
  for (let place = folder; ; place = dirname(place)) {
    const path = join(place, 'node_modules', name)
    const found = statSync(path, { throwIfNoEntry: false })
    if (found?.isDirectory()) {
      const real = realIfThere(path)
      return /[\\/]node_modules[\\/]/.test(real) ? [] : [real]
    }
    if (dirname(place) === place) return []
  }
}

const namesIn = (folder: string): readonly string[] => attempt(() => readdirSync(folder).slice(0, MAX_FILES), [])

/** The text of a file that is small enough to be a source. */
const textOf = (file: string): string | undefined =>
  attempt(() => readPlainFileNow(file, MAX_SOURCE_BYTES).toString('utf8'))
