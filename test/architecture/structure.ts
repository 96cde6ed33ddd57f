import { posix } from 'node:path'
import {
  ADDED_ANYWHERE,
  BANNED_CONSTANTS,
  BANNED_NAMES,
  BANNED_TYPE_NAMES,
  CROWDED,
  FOLDERS,
  FOREIGN_WORDS,
  LARGEST_FOLDER,
  LARGEST_LIST,
  LISTS,
  PRODUCT_WORDS,
  STORED_NAMES,
  WITHOUT_PRODUCT_WORDS,
} from './rules.ts'
import type { Source } from './source.ts'

/** Folders that hold more files of their own than a reader can survey. */
export function crowdedFolders(sources: readonly Pick<Source, 'path'>[]): string[] {
  const byFolder = Map.groupBy(sources, ({ path }) => posix.dirname(path))
  return [...byFolder]
    .map(
      ([folder, files]) =>
        [folder, files.filter(({ path }) => !ADDED_ANYWHERE.includes(posix.basename(path)))] as const,
    )
    .filter(([folder, files]) => files.length > limitOf(folder))
    .map(([folder, files]) => `${folder} has ${files.length} files`)
}

const limitOf = (folder: string) =>
  LISTS.some((list) => list.test(folder)) ? LARGEST_LIST : (CROWDED[folder] ?? LARGEST_FOLDER)

/** Imports inside an area that its order of folders does not allow, as `file imports file`. */
export function upwardImports(sources: readonly Source[]): string[] {
  return Object.keys(FOLDERS).flatMap((area) =>
    sources
      .filter(({ path }) => isInside(area, path))
      .flatMap(({ path, imports }) =>
        imports
          .filter(({ isOwn, target }) => isOwn && isInside(area, target))
          .filter(({ target }) => !isAllowed(area, path, target))
          .map(({ target }) => `${path} imports ${target}`),
      ),
  )
}

function isAllowed(area: string, path: string, target: string): boolean {
  const [from, to] = [folderIn(area, path), folderIn(area, target)]
  const order = FOLDERS[area] ?? {}
  const isFree = (folder: string) => folder === '.' && !Object.hasOwn(order, folder)
  return from === to || isFree(from) || isFree(to) || (order[from]?.includes(to) ?? false)
}

/** Folders directly inside a room or a package that `FOLDERS` does not list, apart from doors. */
export function unlistedFolders(sources: readonly Pick<Source, 'path'>[]): string[] {
  const inRoom = /^(?:src\/[^/]+|packages\/[^/]+\/src)\/[^/]+(?=\/)/
  const folders = new Set(sources.flatMap(({ path }) => inRoom.exec(path)?.[0] ?? []))
  return [...folders].filter((folder) => {
    const [area, inside] = [posix.dirname(folder), posix.basename(folder)]
    return inside !== 'room' && !Object.hasOwn(FOLDERS[area] ?? {}, inside)
  })
}

const isInside = (area: string, path: string) =>
  path.startsWith(`${area}/`) && path !== `${area}/room.ts` && !path.startsWith(`${area}/room/`)

/** The folder directly inside the area that holds the file; `.` for a file of the area itself. */
function folderIn(area: string, path: string): string {
  const [folder, ...below] = path.slice(area.length + 1).split('/')
  return below.length === 0 ? '.' : folder!
}

/** Groups of files that import each other, the largest first: by value imports alone, or by type imports too. */
export function circles(sources: readonly Source[], by: 'values' | 'types'): string[][] {
  const imported = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.filter(({ isOwn, isType }) => isOwn && (by === 'types' || !isType)).map(({ target }) => target),
    ]),
  )
  return stronglyConnected(imported)
    .filter((group) => group.length > 1)
    .map((group) => group.sort())
    .sort((a, b) => b.length - a.length)
}

/** Tarjan's algorithm. */
function stronglyConnected(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const groups: string[][] = []
  const visit = (node: string): void => {
    index.set(node, index.size)
    low.set(node, index.get(node)!)
    stack.push(node)
    for (const next of graph.get(node) ?? []) {
      if (!graph.has(next)) continue
      if (!index.has(next)) visit(next)
      if (stack.includes(next)) low.set(node, Math.min(low.get(node)!, low.get(next)!))
    }
    if (low.get(node) === index.get(node)) groups.push(stack.splice(stack.indexOf(node)))
  }
  for (const node of graph.keys()) if (!index.has(node)) visit(node)
  return groups
}

/** Names of exported types that more than one file defines, as `name: file, file`. */
export function ambiguousTypes(sources: readonly Source[]): string[] {
  const files = new Map<string, string[]>()
  for (const { path, exportedTypes } of sources)
    for (const name of exportedTypes) files.set(name, [...(files.get(name) ?? []), path])
  return [...files]
    .filter(([, paths]) => paths.length > 1)
    .map(([name, paths]) => `${name}: ${paths.join(', ')}`)
    .sort()
}

/** Exported types whose name does not say what they are. */
export function bannedTypes(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, exportedTypes }) =>
    exportedTypes.filter((name) => BANNED_TYPE_NAMES.includes(name)).map((name) => `${path} exports ${name}`),
  )
}

/** Declared names that do not say what they are; fields that are stored or sent keep theirs. */
export function bannedNames(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, declared }) =>
    BANNED_NAMES.filter((name) => declared.has(name) && STORED_NAMES[path] !== name).map((name) => `${path}: ${name}`),
  )
}

/** Spreads of a literal object, whose fields can be written out, as `file:line`. */
export function literalSpreads(sources: readonly Pick<Source, 'path'>[], read: (path: string) => string): string[] {
  return sources.flatMap(({ path }) =>
    read(path)
      .split('\n')
      .flatMap((line, index) => (line.includes('...{') ? [`${path}:${index + 1}`] : [])),
  )
}

/** Constants at the top of a file whose name does not say what they bound. */
export function bannedConstants(sources: readonly Pick<Source, 'path'>[], read: (path: string) => string): string[] {
  return sources.flatMap(({ path }) =>
    [...read(path).matchAll(/^(?:export )?const ([A-Z]+) =/gm)]
      .filter(([, name]) => BANNED_CONSTANTS.includes(name!))
      .map(([, name]) => `${path}: ${name}`),
  )
}

/** Words of the product in identifiers and texts of the kernel and the engines, as `file: word`. */
export function productWords(sources: readonly Pick<Source, 'path'>[], read: (path: string) => string): string[] {
  const paths = sources.map(({ path }) => path).filter((path) => WITHOUT_PRODUCT_WORDS.some((part) => isIn(part, path)))
  return paths.flatMap((path) => productWordsIn(read(path)).map((word) => `${path}: ${word}`))
}

/** Words of the product in code, comments aside. */
export function productWordsIn(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
  const names = FOREIGN_WORDS.reduce((left, name) => left.replaceAll(name, ''), code).match(/[A-Za-z]+/g) ?? []
  const words = new Set(names.flatMap((name) => [name, ...name.split(/(?=[A-Z])/).map((word) => word.toLowerCase())]))
  return PRODUCT_WORDS.filter((word) => words.has(word) || words.has(`${word}s`))
}

/** Paths of the rules (files, or folders that end in a slash) that match no file. */
export function stalePaths(paths: readonly string[], sources: readonly Source[]): string[] {
  return paths.filter((path) => !sources.some((source) => source.path === path || isIn(path, source.path)))
}

function isIn(folder: string, path: string): boolean {
  return folder.endsWith('/') && path.startsWith(folder)
}
