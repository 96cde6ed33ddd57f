import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { InvalidError, NotFoundError, TerminalError } from '../../errors.ts'
import type { ScratchFile } from '../sandbox.ts'
import { giveAway } from './owner.ts'

/** Writes a new file, with the folders above it. */
export async function writeNew(root: string, path: string, bytes: Uint8Array | string): Promise<void> {
  const whole = inside(root, path)
  await makeFolders(root, dirname(whole))
  await writeFile(whole, bytes, { flag: 'wx' })
  await giveAway(whole)
}

/** Reads a regular file; NotFoundError for a link and for anything else. */
export async function readRegular(root: string, path: string): Promise<Uint8Array> {
  const whole = inside(root, path)
  if (!(await isPlainFolder(root, dirname(whole))) || !(await statOf(whole))?.isFile())
    throw new NotFoundError(`The sandbox has no file ${path}.`)
  const file = await open(whole, constants.O_RDONLY | constants.O_NOFOLLOW)
  return file.readFile().finally(() => file.close())
}

/** The regular files in a folder and below it, by path. Links are not followed and not listed. */
export async function listRegular(root: string, path: string): Promise<readonly ScratchFile[]> {
  if (!(await isPlainFolder(root, inside(root, path)))) return []
  return (await filesIn(root, path)).sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function filesIn(root: string, path: string): Promise<ScratchFile[]> {
  const found: ScratchFile[] = []
  for (const entry of await readdir(join(root, path), { withFileTypes: true }).catch(tooLong)) {
    const at = join(path, entry.name)
    if (entry.isDirectory()) found.push(...(await filesIn(root, at)))
    else if (entry.isFile()) found.push({ path: at, size: (await lstat(join(root, at)).catch(tooLong)).size })
  }
  return found
}

function inside(folder: string, path: string): string {
  const whole = join(folder, path)
  if (whole === folder || whole.startsWith(folder + sep)) return whole
  throw new InvalidError(`Expected a path in the scratch folder, got ${path}.`)
}

async function makeFolders(root: string, folder: string): Promise<void> {
  if (folder === root) return
  await makeFolders(root, dirname(folder))
  if (await createdNow(folder)) await giveAway(folder)
  else if (!(await isPlainFolder(root, folder)))
    throw new InvalidError(`${relative(root, folder)} is not a folder any more.`)
}

function createdNow(folder: string): Promise<boolean> {
  return mkdir(folder).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )
}

/** Whether only folders lead there, and no link: foreign code may have put links in its folder. */
async function isPlainFolder(root: string, path: string): Promise<boolean> {
  if (path === root) return true
  return (await isPlainFolder(root, dirname(path))) && ((await statOf(path))?.isDirectory() ?? false)
}

const statOf = (path: string) =>
  lstat(path).catch((error: NodeJS.ErrnoException) => (error.code === 'ENAMETOOLONG' ? tooLong(error) : undefined))

function tooLong(error: NodeJS.ErrnoException): never {
  if (error.code !== 'ENAMETOOLONG') throw error
  throw new TerminalError('The code left a path that is longer than this system allows.', { code: 'too_large' })
}
