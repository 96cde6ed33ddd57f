import { chmodSync, closeSync, existsSync, lstatSync, mkdirSync, openSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Creates a file that only this user can read. SQLite copies its mode to the files next to a database. */
export function createPrivateFile(path: string): void {
  // one that is there is not opened: closing it would take SQLite's locks from this process
  if (existsSync(path)) return
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/**
 * Makes what antiphon keeps in a data folder readable by this user alone: files 0600, folders 0700. The folder itself
 * too, unless others work in it, as in /tmp or /var/lib: it holds folders that are not antiphon's.
 */
export function makePrivate(folder: string): void {
  const entries = readdirSync(folder, { withFileTypes: true })
  const [own = [], others = []] = [true, false].map((is) =>
    entries.filter(({ name }) => DATA_FOLDER_ENTRY.test(name) === is),
  )
  for (const { name } of own) tighten(join(folder, name))
  const { mode } = lstatSync(`${folder}/.`)
  const isShared = (mode & 0o1000) !== 0 || others.some((entry) => entry.isDirectory())
  if (!isShared) setMode(folder, 0o700, mode)
}

/** Names of entries in a data folder: databases, records, logs, folders, and their drafts. */
export const DATA_FOLDER_ENTRY =
  /^(engine|memory|owner|migration|restate|secrets|swept|socket|blobs|cache|moved|nodes|restoring|backup-draft|clock|seen|ballast|mcp-key|starts|readings|tests|runs\.db|replica\.(?:base|memory))\b|^[0-9a-f]{8}-[0-9a-f-]{27}$|^\.antiphon-/

/** The mode of a folder is set last: one that has it needs no further look. */
function tighten(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found?.isFile()) setMode(path, 0o600, found.mode)
  if (!found?.isDirectory() || (found.mode & 0o777) === 0o700) return
  for (const name of readdirSync(path)) tighten(join(path, name))
  setMode(path, 0o700, found.mode)
}

function setMode(path: string, mode: number, found: number): void {
  if ((found & 0o777) === mode) return
  try {
    chmodSync(path, mode)
  } catch (error) {
    // another user's, as a volume's root may be, or a file system that has no modes: work goes on there as before
    if (!CANNOT.has((error as NodeJS.ErrnoException).code)) throw error
  }
}

const CANNOT: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP', 'ENOSYS', 'EROFS'])

/** Makes a folder (0700) and those above it; one that is there stays as it is. */
export function makePrivateFolder(folder: string): void {
  if (existsSync(folder)) return
  // one by one: asked for all at once, Node never comes back from file systems that make no folders, /proc for one
  makePrivateFolder(dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if (!existsSync(folder)) throw error
  }
}

/** For `catch`: a missing file is undefined; any other error is thrown. */
export function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** A file, open to read. Undefined if it is missing. */
export function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    return ignoreMissing(error as NodeJS.ErrnoException)
  }
}
