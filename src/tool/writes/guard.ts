import { readdir, stat } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { TerminalError } from '../../errors.ts'
import { foldName, isLoadedName } from './loaded-names.ts'

/** Where a call may change files. All paths are real. */
export type WriteGuard = {
  readonly open: readonly string[]
  /** files of antiphon, which are closed to reads too */
  readonly closed: readonly string[]
  /** files that are loaded or run. `FOLDER/*` stands for the files with code in a folder */
  readonly fixed: readonly string[]
  /** whether names such as `.git` and `package.json` are closed as well */
  readonly isGuarded: boolean
  /** the only folders for changes; empty: all open ones */
  readonly area: readonly string[]
}

/** @throws TerminalError `outside_root` for a path that a call may not change, whether it exists or not */
export function checkChange(path: string, real: string, guard: WriteGuard): void {
  if (guard.closed.some((one) => lies(one, real))) throw closedError(path)
  if (guard.fixed.some((one) => isFixed(one, real)) || isLoaded(real, guard)) throw loadedError(path)
  if (guard.area.length > 0 && !guard.area.some((one) => lies(one, real))) throw outsideArea(path)
}

/** Refuses a path in the folder of a repository, whatever its name: a `.git` file may point to it. */
export async function checkRepository(path: string, real: string, { open, isGuarded }: WriteGuard): Promise<void> {
  if (!isGuarded) return
  for (let folder = real; open.some((root) => isBelow(root, folder)); folder = dirname(folder)) {
    const has = (name: string) => stat(join(folder, name)).then(Boolean, () => false)
    if ((await has('HEAD')) && ((await has('objects')) || (await has('commondir')))) throw loadedError(path)
    if (dirname(folder) === folder) return
  }
}

/** The same for an entry that is removed, moved or replaced as a whole: nothing that it holds may be closed. */
export function checkEntryChange(path: string, real: string, guard: WriteGuard): void {
  checkChange(path, real, guard)
  checkHeld(path, real, guard)
}

function checkHeld(path: string, real: string, { closed, fixed }: WriteGuard): void {
  if (closed.some((one) => lies(real, one))) throw closedError(path)
  if (fixed.some((one) => lies(real, one.replace(/\/\*$/, '')))) throw loadedError(path)
}

/**
 * Refuses a folder with something in it that would be loaded or run: it is removed, moved, or copied to `target`. The
 * walk ends early in folders that are too large.
 */
export async function checkTree(path: string, real: string, guard: WriteGuard, target = real): Promise<void> {
  checkHeld(path, real, guard)
  if (!guard.isGuarded) return
  let left = MAX_ENTRIES
  const walk = async (folder: string, to: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (left-- === 0) throw tooLarge(path)
      const place = join(to, entry.name)
      if (isLoadedName(entry.name)) throw loadedError(join(path, entry.name))
      checkChange(path, place, guard)
      if (entry.isDirectory()) await walk(join(folder, entry.name), place)
    }
  }
  await walk(real, target)
}

const MAX_ENTRIES = 100_000

const lies = (folder: string, path: string) => isBelow(foldName(folder), foldName(path))

/** Whether a real path is a folder or lies in it. */
export const isBelow = (folder: string, path: string) =>
  path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)

const CODE_ENDINGS =
  /^\.(?:[cm]?[jt]sx?|node|wasm|py[cdwx]?|so|dylib|dll|sh|bash|zsh|fish|rb|pl|php|lua|exe|bat|cmd|ps1|jar|class)$/

/** Whether a real path is one of these files, or lies in one of these folders. */
export function isFixed(fixed: string, real: string): boolean {
  if (!fixed.endsWith('/*')) return lies(fixed, real)
  const folder = fixed.slice(0, -2)
  if (!lies(folder, real)) return false
  const rest = foldName(real).slice(foldName(folder).length + 1)
  return !rest.includes('/') && CODE_ENDINGS.test(extname(rest))
}

/** A person may open a folder whose own path has such a name, but nothing in it. */
function isLoaded(real: string, { open, isGuarded }: WriteGuard): boolean {
  if (!isGuarded) return false
  return open.some((root) => {
    if (!isBelow(root, real)) return false
    return real
      .slice(root.length)
      .split('/')
      .some((name) => name !== '' && isLoadedName(name))
  })
}

export const closedError = (path: string) =>
  new TerminalError(`${path} is or holds a file of antiphon, which is closed to calls that a model chose.`, {
    code: 'outside_root',
    hint: 'Files of antiphon are the data folder, antiphon.yaml, plugins, agents, skills, playbooks, AGENTS.md and lock files.',
  })

const loadedError = (path: string) =>
  new TerminalError(
    `${path} is or holds a file that is loaded or run, which calls that a model chose may not change.`,
    {
      code: 'outside_root',
      hint: 'Only a person, or a pipeline that a person wrote, can change it: docs/tool-calls.md lists such files.',
    },
  )

const outsideArea = (path: string) =>
  new TerminalError(`${path} leads out of the folders that \`writes:\` in antiphon.yaml opens.`, {
    code: 'outside_root',
    hint: 'Name its real path, and the call waits for a person.',
  })

const tooLarge = (path: string) =>
  new TerminalError(`${path} holds more than ${MAX_ENTRIES} files and folders.`, { code: 'too_large' })
