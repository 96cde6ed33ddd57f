import { realpathSync } from 'node:fs'
import { lstat, readlink, realpath, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { TerminalError } from '../errors.ts'
import type { Mount } from '../sandbox/sandbox.ts'
import type { ToolContext } from './tool.ts'
import type { WriteGuard } from './writes/guard.ts'
import { checkChange, checkEntryChange, checkRepository, checkTree, closedError } from './writes/guard.ts'

export const ROOTS_HINT = 'To allow it, name its folder under `roots:` in antiphon.yaml.'

/** The message about such a path. */
export const outsideMessage = (path: string, roots: readonly string[]) =>
  `${path} lies outside the folders that tools may touch (${splitRoots(roots).open.join(', ') || 'none'})`

const CLOSED = '!'
const READABLE = '<'
const FIXED = '='
const AREA = '+'

/** An entry of `roots` that closes a file or folder in another root. It travels with them, so no tool misses it. */
export const closedRoot = (path: string): string => CLOSED + path

/** An entry of `roots` that opens a folder to reads, even inside a closed one. Nothing in it can be changed. */
export const readableRoot = (path: string): string => READABLE + path
export const isReadableRoot = (root: string): boolean => root.startsWith(READABLE)

/** An entry of `roots` that closes a real path to changes, or by `FOLDER/*` the files with code in a folder. */
export const fixedRoot = (real: string): string => FIXED + real

/** The entry of `roots` that closes to changes all files that programs load or run by their names. */
export const GUARDED_NAMES = `${FIXED}*`

/** An entry of `roots` that opens a folder to changes. If there are any, all else can only be read. */
export const areaRoot = (path: string): string => AREA + path

/** The entries that close paths to reads, and those that open some of them again. */
export const rulesOfReads = (roots: readonly string[]): readonly string[] =>
  roots.filter((root) => root.startsWith(CLOSED) || root.startsWith(READABLE))

const MARKS: readonly string[] = [CLOSED, READABLE, FIXED, AREA]

/** The open roots, the paths in them that are closed, fixed or writable, and the folders only for reading. */
export function splitRoots(roots: readonly string[]): {
  readonly open: readonly string[]
  readonly closed: readonly string[]
  readonly readable: readonly string[]
  readonly fixed: readonly string[]
  readonly area: readonly string[]
} {
  const marked = (mark: string) => roots.filter((root) => root.startsWith(mark)).map((root) => root.slice(mark.length))
  return {
    open: roots.filter((root) => !MARKS.includes(root.charAt(0))),
    closed: marked(CLOSED),
    readable: marked(READABLE),
    fixed: marked(FIXED),
    area: marked(AREA),
  }
}

/** The closed paths of a call, with all links followed. */
export async function closedPaths({ root, roots }: RootsContext): Promise<readonly string[]> {
  return realPaths(root, splitRoots(roots).closed)
}

/** The roots of a call with all links followed. */
export type RealRoots = WriteGuard & { readonly readable: readonly string[] }

export async function realRoots({ root, roots }: RootsContext): Promise<RealRoots> {
  const { open, closed, readable, fixed, area } = splitRoots(roots)
  return {
    open: await realPaths(root, open),
    closed: await realPaths(root, closed),
    readable: await realPaths(root, readable),
    fixed: fixed.filter((path) => path !== '*'),
    isGuarded: fixed.includes('*'),
    area: await realPaths(root, area),
  }
}

const realPaths = (root: string, paths: readonly string[]) =>
  Promise.all(paths.map((path) => realPath(resolve(root, path))))

/** Whether a real path is closed to reads. A folder that can be read may lie in a closed one. */
export function isClosedToReads(real: string, { closed, readable }: Pick<RealRoots, 'closed' | 'readable'>): boolean {
  const isOpened = (one: string) => readable.some((folder) => isWithin(folder, real) && isWithin(one, folder))
  return closed.some((one) => isWithin(one, real) && !isOpened(one))
}

/** Refuses a folder that contains something closed: to copy, move or remove it to `target` would touch that, too. */
export async function refuseClosedBelow(
  path: string,
  real: string,
  place: RootsContext,
  target?: string,
): Promise<void> {
  await checkTree(path, real, await realRoots(place), target)
}

/**
 * The mounts, with the closed files and folders in them hidden, except those that can be read. All paths are real.
 * @throws TerminalError `outside_root` if commands could write in a mount
 *   that holds something closed: they could also make what is not there yet
 */
export async function withoutClosed(
  mounts: readonly Mount[],
  closed: readonly string[],
  readable: readonly string[] = [],
): Promise<readonly Mount[]> {
  const holds = ({ path }: Mount) => closed.find((one) => isWithin(path, one))
  const open = mounts.find((mount) => mount.write === true && holds(mount) !== undefined)
  if (open) throw notWritable(holds(open)!)
  const inside = closed.filter((path) => mounts.some((mount) => isWithin(mount.path, path)))
  const shown = readable.filter((path) => inside.some((one) => isWithin(one, path)))
  return [...mounts, ...(await Promise.all(inside.map(hide))).flat(), ...shown.map((path) => ({ path }))]
}

/** Mounts that hide paths, as far as they exist. */
export const hideAll = async (paths: readonly string[]): Promise<readonly Mount[]> =>
  (await Promise.all(paths.map(hide))).flat()

async function hide(path: string): Promise<readonly Mount[]> {
  const found = await stat(path).catch(() => undefined)
  return found ? [{ path, hidden: found.isDirectory() ? 'folder' : 'file' }] : []
}

const notWritable = (path: string) =>
  new TerminalError(`A sandbox may not write in a folder that holds ${path}, a file of antiphon.`, {
    code: 'outside_root',
    hint: 'Let it write in another folder: `roots:` in antiphon.yaml names those of agents, `cwd` that of an MCP server.',
  })

type RootsContext = Pick<ToolContext, 'root' | 'roots'>

/**
 * Resolves `path` to its real path, whether it exists or not. Follows every link. A call that resolves many paths gives
 * the `roots` that it resolved once. This protects against mistakes and planted links, not against a process that swaps
 * folders for links during the call.
 * @throws TerminalError `outside_root` if the path is outside all roots
 */
export async function resolveInRoots(path: string, place: RootsContext, roots?: RealRoots): Promise<string> {
  const real = await realPath(resolve(place.root, path))
  const all = roots ?? (await realRoots(place))
  checkInside(path, real, all)
  checkChange(path, real, all)
  await checkRepository(path, real, all)
  return real
}

/** Like resolveInRoots, for a call that only reads. */
export async function resolveToRead(path: string, place: RootsContext, roots?: RealRoots): Promise<string> {
  const real = await realPath(resolve(place.root, path))
  const { open, closed, readable } = roots ?? (await realRoots(place))
  checkInside(path, real, { open: [...open, ...readable] })
  if (isClosedToReads(real, { closed, readable })) throw closedError(path)
  return real
}

/** Refuses a change in place to a file that has other names: one of them may be closed. */
export async function refuseOtherNames(path: string, real: string, { roots }: RootsContext): Promise<void> {
  if (!roots.includes(GUARDED_NAMES)) return
  const found = await lstat(real).catch(() => undefined)
  if (!found?.isFile() || found.nlink < 2) return
  throw new TerminalError(
    `${path} has other names (hard links), so a call that a model chose may not change it in place.`,
    { code: 'outside_root', hint: '`filesystem:write` replaces it and leaves the other names as they are.' },
  )
}

/** Like resolveInRoots, without following a link at the end: for operations that remove or rename the link itself. */
export async function resolveEntryInRoots(path: string, place: RootsContext): Promise<string> {
  const whole = resolve(place.root, path)
  const real = join(await realPath(dirname(whole)), basename(whole))
  const roots = await realRoots(place)
  checkInside(path, real, roots)
  checkEntryChange(path, real, roots)
  await checkRepository(path, real, roots)
  if (roots.open.includes(real))
    throw new TerminalError(
      `${path} is one of the configured roots; tools can change only files and folders inside it.`,
      { code: 'outside_root' },
    )
  return real
}

function checkInside(path: string, real: string, { open }: Pick<RealRoots, 'open'>): void {
  if (open.some((root) => isWithin(root, real))) return
  throw new TerminalError(outsideMessage(path, open), { code: 'outside_root', hint: ROOTS_HINT })
}

/** Whether a path currently lies outside all roots: for advice before a run. */
export function isOutsideRoots(path: string, { root, roots }: RootsContext): boolean {
  const whole = resolve(root, path)
  const places = splitRoots(roots).open.map((one) => resolve(root, one))
  const isInside = (real: string) => places.some((place) => isWithin(place, real) || isWithin(realNow(place), real))
  return !isInside(whole) && !isInside(realNow(whole))
}

function realNow(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const above = dirname(path)
    return above === path ? path : join(realNow(above), basename(path))
  }
}

/** Whether a path is a folder or lies inside it. Both paths are absolute; links are not followed. */
export function isWithin(root: string, path: string): boolean {
  const way = relative(root, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

const MAX_LINKS = 40

/** Follows all links, even dangling ones: a write would follow them too. */
async function realPath(path: string, links = MAX_LINKS): Promise<string> {
  const real = await unlessMissing(realpath(path))
  if (real !== undefined) return real
  const entry = join(await realPath(dirname(path), links), basename(path))
  const target = await targetOf(entry)
  if (target === undefined) return entry
  if (links === 0) throw new TerminalError(`Too many links: ${path}`, { code: 'tool_failed' })
  return realPath(resolve(dirname(entry), target), links - 1)
}

async function targetOf(entry: string): Promise<string | undefined> {
  try {
    return await unlessMissing(readlink(entry))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return undefined
    throw error
  }
}

// ENOTDIR: a path below a file does not exist either
const MISSING_CODES: readonly unknown[] = ['ENOENT', 'ENOTDIR']

async function unlessMissing(path: Promise<string>): Promise<string | undefined> {
  try {
    return await path
  } catch (error) {
    if (MISSING_CODES.includes((error as NodeJS.ErrnoException).code)) return undefined
    throw error
  }
}
