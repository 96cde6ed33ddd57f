import { constants } from 'node:fs'
import { chown, lstat, mkdir, mkdtemp, open, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
import { InvalidError, NotFoundError } from '../errors.ts'
import { ownPrefix, removeAbandoned } from './abandoned.ts'
import type { ScratchFile } from './sandbox.ts'

/** A folder below the system's folder for temporary files, for one sandbox. Only commands of that sandbox change it. */
export interface Scratch {
  readonly folder: string
  write(path: string, bytes: Uint8Array | string): Promise<void>
  read(path: string): Promise<Uint8Array>
  list(folder: string): Promise<readonly ScratchFile[]>
  /** Counts bytes and entries, and stops once one of them is above the bound. */
  usage(bound: ScratchUsage): Promise<ScratchUsage>
  remove(): Promise<void>
}

export type ScratchUsage = { readonly disk: number; readonly files: number }

/** The user and group that run foreign code where antiphon runs as root. */
export const NOBODY = 65534

export const runsAsRoot = () => process.getuid?.() === 0

/** Makes a scratch folder, after removing those that killed processes left. The user nobody owns it where this process runs as root. */
export async function createScratch(): Promise<Scratch> {
  const base = await realpath(tmpdir())
  await removeAbandoned(base)
  const folder = await mkdtemp(join(base, `${await ownPrefix()}-`))
  await giveAway(folder)
  return scratchIn(folder)
}

function scratchIn(folder: string): Scratch {
  return {
    folder,
    async write(path, bytes) {
      const whole = inside(folder, path)
      await makeFolders(folder, dirname(whole))
      await writeFile(whole, bytes, { flag: 'wx' })
      await giveAway(whole)
    },
    read: (path) => readRegular(folder, path),
    list: async (path) => (await filesIn(folder, path)).sort((a, b) => (a.path < b.path ? -1 : 1)),
    usage: (bound) => usageOf(folder, bound),
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  }
}

function inside(folder: string, path: string): string {
  const whole = join(folder, path)
  if (whole === folder || whole.startsWith(folder + sep)) return whole
  throw new InvalidError(`expected a path in the scratch folder, got ${path}`)
}

async function makeFolders(root: string, folder: string): Promise<void> {
  if (folder === root) return
  await makeFolders(root, dirname(folder))
  if (await createdNow(folder)) await giveAway(folder)
  else if (!(await isPlain(root, folder))) throw new InvalidError(`${relative(root, folder)} is not a folder any more`)
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

/** Whether no link leads there: foreign code may have put links in its folder. */
async function isPlain(root: string, path: string): Promise<boolean> {
  return (await realpath(path).catch(() => undefined)) === path && (path === root || path.startsWith(root + sep))
}

/** Gives a file to the user that commands run as. */
export async function giveAway(path: string): Promise<void> {
  if (runsAsRoot()) await chown(path, NOBODY, NOBODY)
}

async function readRegular(root: string, path: string): Promise<Uint8Array> {
  const whole = inside(root, path)
  if (!(await isPlain(root, whole)) || !(await lstat(whole)).isFile())
    throw new NotFoundError(`the sandbox has no file ${path}`)
  const file = await open(whole, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    return await file.readFile()
  } finally {
    await file.close()
  }
}

async function filesIn(root: string, path: string): Promise<ScratchFile[]> {
  const folder = inside(root, path)
  if (!(await isPlain(root, folder))) return []
  const found: ScratchFile[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const at = join(path, entry.name)
    if (entry.isDirectory()) found.push(...(await filesIn(root, at)))
    else if (entry.isFile()) found.push({ path: at, size: (await lstat(join(root, at))).size })
  }
  return found
}

async function usageOf(folder: string, bound: ScratchUsage): Promise<ScratchUsage> {
  let [disk, files] = [0, 0]
  const pending = [folder]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const entry of await readdir(next, { withFileTypes: true }).catch(() => [])) {
      const path = join(next, entry.name)
      files += 1
      if (entry.isDirectory()) pending.push(path)
      else if (entry.isFile()) disk += await bytesOnDisk(path)
      if (files > bound.files || disk > bound.disk) return { disk, files }
    }
  }
  return { disk, files }
}

async function bytesOnDisk(path: string): Promise<number> {
  const { blocks = 0 } = await lstat(path).catch(() => ({ blocks: 0 }))
  return blocks * 512
}
