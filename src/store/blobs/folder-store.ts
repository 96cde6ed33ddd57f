import { randomUUID } from 'node:crypto'
import { link, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { placesIn } from '../data-folder/layout.ts'
import { makeFolder, syncFolder, writeWhole } from '../files/durable-file.ts'
import { ignoreMissing } from '../files/private.ts'
import { during } from '../files/storage-fault.ts'
import { type BlobStore, MARK_PATTERN, RECENT_MS, type StoredBlob } from './blob-store.ts'
import { readFileIn, writeDraft } from './draft.ts'

export const blobPath = (folder: string, hash: string): string => join(folder, hash.slice(0, 2), hash.slice(2))

const OF_ONE = { folder: 0o700, file: 0o600 } as const
/** Nodes may run as different users, so the umask decides. */
const OF_MANY = { folder: 0o777, file: 0o666 } as const

export const marksIn = (folder: string) => join(folder, 'marks')

/**
 * Blobs as files `ab/cdef…` in a folder, which is created on first use. Several processes may write
 * and sweep it, also on a shared file system, because files appear and disappear atomically by
 * rename. Only this user can read them unless they are `shared`.
 */
export function folderStore(folder: string, { shared = false }: { readonly shared?: boolean } = {}): BlobStore {
  const modes = shared ? OF_MANY : OF_ONE
  const made = new Map<string, Promise<void>>()
  const temporary = join(folder, 'temporary')
  const aside = join(folder, 'aside')
  const marked = marksIn(folder)
  const placeOf = (hash: string) => blobPath(folder, hash)

  function ready(needed: string): Promise<void> {
    const making = made.get(needed) ?? makeFolder(needed, modes.folder)
    made.set(needed, making)
    making.catch(() => made.delete(needed))
    return making
  }

  async function put(path: string, text: string): Promise<void> {
    for (const needed of [folder, temporary, dirname(path)]) await ready(needed)
    await writeWhole(path, text, temporary, modes.file)
  }

  /** Uses the file of a blob. A sweep may just have moved it aside, or restored it. */
  async function withFile<T>(hash: string, use: (path: string) => Promise<T | undefined>): Promise<T | undefined> {
    const found = await use(placeOf(hash))
    if (found !== undefined) return found
    const name = (await namesIn(aside)).find((each) => each.startsWith(hash))
    return (name === undefined ? undefined : await use(join(aside, name))) ?? (await use(placeOf(hash)))
  }

  async function* oldBlobs(used: ReadonlySet<string>, before: number): AsyncGenerator<StoredBlob> {
    for (const shard of (await namesIn(folder)).filter((name) => /^[0-9a-f]{2}$/.test(name)))
      for (const rest of await namesIn(join(folder, shard)))
        if (!used.has(shard + rest)) yield* ifOld(join(folder, shard, rest), before, { hash: shard + rest })
  }

  // files that a killed sweep left aside
  async function* leftAside(before: number): AsyncGenerator<StoredBlob> {
    for (const name of await namesIn(aside)) {
      const path = join(aside, name)
      if (await isOld(path, before)) yield* ifOld(path, before, { hash: hashIn(name) })
      else await rename(path, placeOf(hashIn(name))).catch(ignoreMissing)
    }
  }

  async function* old(used: ReadonlySet<string>, before: number): AsyncGenerator<StoredBlob> {
    yield* oldBlobs(used, before)
    yield* leftAside(before)
    yield* leftIn(temporary, before)
  }

  // move the file aside first: a concurrent write then creates a new file, and an earlier write is visible here
  async function removeBlob(hash: string, path: string, before: number): Promise<void> {
    const taken = join(aside, `${hash}.${randomUUID()}`)
    await ready(aside)
    if (!(await rename(path, taken).then(() => true, ignoreMissing))) return
    if (await isOld(taken, before)) await rm(taken, { force: true })
    // another sweep may have restored it
    else await rename(taken, path).catch(ignoreMissing)
  }

  return {
    read: (hash) => during(`cannot read blob ${hash}`, () => withFile(hash, textOf)),
    open: (hash, range) =>
      during(`cannot read blob ${hash}`, () =>
        withFile(hash, async (path) => ((await isThere(path)) ? readFileIn(path, range) : undefined)),
      ),
    pathOf: (hash) => withFile(hash, async (path) => ((await isThere(path)) ? path : undefined)),
    size: async (hash) => (await stat(placeOf(hash)).catch(ignoreMissing))?.size,
    async draft(content) {
      for (const needed of [folder, temporary]) await during(`cannot write to ${folder}`, () => ready(needed))
      return writeDraft(content, temporary, modes.file)
    },
    keep: ({ hash, path }, own) =>
      during(`cannot store blob ${hash}`, async () => {
        const place = placeOf(hash)
        await ready(dirname(place))
        const isNew = (await link(path, place).catch(() => null)) !== null
        const isOwn = isNew || (own !== undefined && (await markOf(place)) === own)
        await (isNew ? rm(path) : rename(path, place))
        await syncFolder(dirname(place))
        // other nodes write a shared folder, too
        return isOwn && !shared ? markOf(place) : undefined
      }),
    async discard(hash, own) {
      if (await isThere(placesIn(dirname(folder)).backupNote)) return
      if ((await markOf(placeOf(hash))) === own) await rm(placeOf(hash), { force: true })
    },
    write: (hash, text) =>
      during(`cannot store blob ${hash}`, async () => {
        const path = placeOf(hash)
        if ((await textOf(path)) !== text || (await isOld(path, Date.now() - RECENT_MS))) return put(path, text)
        // it has another writer from now on, also where times are in seconds
        await utimes(path, new Date(), new Date(Date.now() + 1000))
        await syncFolder(dirname(path))
      }),
    old,
    remove: ({ hash, place }, before) =>
      hash === undefined ? rm(place, { force: true }) : removeBlob(hash, place, before),
    marks: () =>
      during(`cannot read ${marked}`, async () => (await namesIn(marked)).filter((name) => MARK_PATTERN.test(name))),
    mark: (name) => during(`cannot write to ${folder}`, () => put(join(marked, name), '')),
  }
}

/** Another file, or another write, has another mark. */
async function markOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(ignoreMissing)
  return found && `${found.ino}-${found.mtimeNs}`
}

const isThere = async (path: string) => (await stat(path).catch(ignoreMissing)) !== undefined

const hashIn = (name: string) => basename(name).slice(0, 64)

/** The leftovers of interrupted writes. */
export async function* leftIn(temporary: string, before: number): AsyncGenerator<StoredBlob> {
  for (const name of await namesIn(temporary)) yield* ifOld(join(temporary, name), before)
}

async function* ifOld(
  path: string,
  before: number,
  known: { readonly hash?: string } = {},
): AsyncGenerator<StoredBlob> {
  const found = await stat(path).catch(ignoreMissing)
  if (found && found.mtimeMs < before) yield { ...known, place: path, bytes: found.size }
}

/** Opens the file, so that a network file system asks its server, not its cache. A missing file counts as old. */
async function isOld(path: string, before: number): Promise<boolean> {
  const handle = await open(path, 'r').catch(ignoreMissing)
  try {
    return !handle || (await handle.stat()).mtimeMs < before
  } finally {
    await handle?.close()
  }
}

const textOf = async (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(ignoreMissing)

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(ignoreMissing)) ?? []
}
