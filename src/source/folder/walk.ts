import type { Dirent } from 'node:fs'
import { lstat, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { unread } from '../../extension/reader.ts'
import { tooLarge } from '../open-file.ts'
import { type IgnoreRules, isIgnored, rulesAbove, withRulesOf } from './git-ignore.ts'
import { leftOutBy } from './left-out.ts'

/** A file that a walk found. `name` is its path below the folder, with `/` between names. */
type FoundFile = {
  readonly path: string
  readonly name: string
  readonly bytes: number
  /** ms since 1970, as the file system has it */
  readonly modifiedAt: number
}

/** Limits of one walk. `entries`: files and folders that it looks at, also those that are left out. */
type WalkBounds = {
  readonly files: number
  readonly bytes: number
  readonly entries: number
  readonly depth: number
}

/** The files of a folder, and everything that is not among them. */
export type FolderWalk = {
  readonly files: readonly FoundFile[]
  /** how many entries were left out by a rule; a folder counts as one */
  readonly leftOut: { readonly [rule in LeftOutRule]: number }
  /** files and folders that cannot be read */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[]
  /** sentences about the bounds that ended the walk early, or kept it out of a folder */
  readonly bounds: readonly string[]
}

/** `media`: files that cannot be read; `special`: pipes, sockets and devices. */
type LeftOutRule = 'hidden' | 'private' | 'packages' | 'ignored' | 'links' | 'special' | 'media'

export type WalkOptions = {
  readonly bounds?: Partial<WalkBounds>
  /** whether a path may be read, as roots and closed files have it; absent: every path may */
  readonly mayRead?: (real: string) => boolean
  /** whether a file is looked for, by its path below the folder; absent: every file is */
  readonly matches?: (name: string) => boolean
  /** whether a file with this name can be read; absent: every file can */
  readonly isReadable?: (name: string) => boolean
  /** whether a file that no name says to be readable is so by its content */
  readonly isReadableAt?: (path: string) => Promise<boolean>
  /** the most bytes of a file with this name; a larger file is skipped */
  readonly largest?: (name: string) => number
  readonly signal?: AbortSignal
}

const WALK_BOUNDS: WalkBounds = { files: 10_000, bytes: 256 * 1024 * 1024, entries: 200_000, depth: 32 }

/**
 * Finds the files of a folder, in the order of their names. Leaves out hidden files, files that usually hold keys,
 * `node_modules`, and files that `.gitignore` names. Follows no link, so it gives nothing outside the folder.
 * @throws TerminalError if the folder cannot be read
 */
export async function walkFolder(folder: string, options: WalkOptions = {}): Promise<FolderWalk> {
  const root = await realpath(folder).catch(() => {
    throw unread('the folder does not exist')
  })
  const walk: Walk = {
    ...options,
    bounds: { ...WALK_BOUNDS, ...options.bounds },
    files: [],
    skipped: [],
    leftOut: { hidden: 0, private: 0, packages: 0, ignored: 0, links: 0, special: 0, media: 0 },
    met: new Map(),
    bytes: 0,
    entries: 0,
    isOver: false,
  }
  const entries = await readdir(root, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw unread(reasonOf(error))
  })
  await walkEntries(walk, { folder: root, name: '', depth: 0, rules: await rulesAbove(root) }, entries)
  const { files, leftOut, skipped, met } = walk
  return { files, leftOut, skipped, bounds: [...met.values()] }
}

type Walk = Omit<WalkOptions, 'bounds'> & {
  readonly bounds: WalkBounds
  readonly files: FoundFile[]
  readonly skipped: { readonly name: string; readonly reason: string }[]
  readonly leftOut: { [rule in LeftOutRule]: number }
  readonly met: Map<keyof WalkBounds, string>
  bytes: number
  entries: number
  isOver: boolean
}

type Folder = {
  readonly folder: string
  readonly name: string
  readonly depth: number
  readonly rules: IgnoreRules
}

async function walkEntries(walk: Walk, { folder, name, depth, rules: above }: Folder, entries: Dirent[]) {
  const rules = await withRulesOf(folder, above)
  for (const entry of entries.toSorted(byName)) {
    walk.signal?.throwIfAborted()
    if (walk.entries++ === walk.bounds.entries)
      stop(walk, 'entries', `only the first ${walk.bounds.entries} entries were looked at`)
    if (walk.isOver) return
    const path = join(folder, entry.name)
    const below = { path, name: name === '' ? entry.name : `${name}/${entry.name}` }
    const byName = ruleFor(walk, entry, path, rules)
    if (!entry.isDirectory() && walk.matches?.(below.name) === false) continue
    const rule = byName === 'media' && (await walk.isReadableAt?.(path)) ? undefined : byName
    if (rule) walk.leftOut[rule]++
    else if (entry.isFile()) await takeFile(walk, below)
    else await enterFolder(walk, { folder: path, name: below.name, depth: depth + 1, rules })
  }
}

function ruleFor(walk: Walk, entry: Dirent, path: string, rules: IgnoreRules): LeftOutRule | undefined {
  const byName = leftOutBy(entry.name)
  if (byName) return byName
  if (entry.isSymbolicLink()) return 'links'
  if (!entry.isFile() && !entry.isDirectory()) return 'special'
  if (isIgnored(path, entry.isDirectory(), rules)) return 'ignored'
  if (walk.mayRead?.(path) === false) return 'private'
  return entry.isFile() && walk.isReadable?.(entry.name) === false ? 'media' : undefined
}

async function takeFile(walk: Walk, { path, name }: Pick<FoundFile, 'path' | 'name'>): Promise<void> {
  const { bounds, files } = walk
  if (files.length === bounds.files) return stop(walk, 'files', `only the first ${bounds.files} files are read`)
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => error)
  if (found instanceof Error) return void walk.skipped.push({ name, reason: reasonOf(found) })
  const largest = walk.largest?.(name) ?? bounds.bytes
  if (found.size > largest) return void walk.skipped.push({ name, reason: tooLarge(largest).message })
  if (walk.bytes + found.size > bounds.bytes)
    return stop(walk, 'bytes', `only the first ${bounds.bytes} bytes are read, up to ${name}`)
  walk.bytes += found.size
  files.push({ path, name, bytes: found.size, modifiedAt: found.mtimeMs })
}

async function enterFolder(walk: Walk, folder: Folder): Promise<void> {
  const { depth } = walk.bounds
  if (folder.depth > depth) {
    if (!walk.met.has('depth'))
      walk.met.set('depth', `folders below ${depth} others are not read, such as ${folder.name}`)
    return
  }
  const entries = await readdir(folder.folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => error)
  if (entries instanceof Error) return void walk.skipped.push({ name: folder.name, reason: reasonOf(entries) })
  await walkEntries(walk, folder, entries)
}

function stop(walk: Walk, bound: keyof WalkBounds, sentence: string): void {
  walk.isOver = true
  walk.met.set(bound, sentence)
}

const byName = (one: Dirent, other: Dirent) => (one.name < other.name ? -1 : 1)

const REASONS: { readonly [code: string]: string } = {
  ENOENT: 'it was removed meanwhile',
  ENOTDIR: 'it is not a folder',
  EACCES: 'this user has no permission to read it',
}
const reasonOf = ({ code = '' }: NodeJS.ErrnoException) => REASONS[code] ?? `it cannot be read (${code})`
