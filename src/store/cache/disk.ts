import { randomUUID } from 'node:crypto'
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { makePrivateFolder } from '../files/private.ts'
import { ALL_TAGS, type CacheEntry, type CacheLayer, type CacheTags, isTagged, type TagMarks } from './layer.ts'
import { createTags, newMarks } from './tags.ts'

type CacheFolder = { readonly folder: string; readonly bytes: number }

const KEY = /^[0-9a-f]{64}$/
const TAGS = 'tags.json'
const MAX_WAITING_WRITES = 1_000

/**
 * A disk layer. Only this process writes its folder. Evicts the least recently used entries beyond
 * `bytes`. Nothing must survive a power failure: an incomplete file counts as missing.
 */
export function diskLayer({ folder, bytes }: CacheFolder): CacheLayer & CacheTags {
  // in order of last use
  const sizes = new Map<string, number>()
  let total = 0
  let opening: Promise<CacheTags> | undefined

  async function open(): Promise<CacheTags> {
    makePrivateFolder(folder)
    for (const { name, bytes } of await filesIn(folder)) note(name, bytes)
    await shrink()
    return openTags(folder)
  }
  const opened = () => (opening ??= open())

  function note(key: string, size: number | undefined): void {
    total += (size ?? 0) - (sizes.get(key) ?? 0)
    sizes.delete(key)
    if (size !== undefined) sizes.set(key, size)
  }

  async function remove(key: string): Promise<void> {
    note(key, undefined)
    await rm(join(folder, key), { force: true })
  }

  async function shrink(): Promise<void> {
    for (const key of sizes.keys()) {
      if (total <= bytes) return
      await remove(key)
    }
  }

  const read = async (key: string) => unframe(await readFile(join(folder, key), 'utf8').catch(() => ''))

  async function forget(tag: string): Promise<number> {
    await opened()
    let gone = 0
    for (const key of [...sizes.keys()]) {
      const entry = tag === ALL_TAGS ? undefined : await read(key)
      if (entry && !isTagged(entry, tag)) continue
      await remove(key)
      gone++
    }
    return gone
  }

  let writing = Promise.resolve()
  let waiting = 0

  async function store(key: string, entry: CacheEntry): Promise<void> {
    await opened()
    const text = frame(entry)
    const size = Buffer.byteLength(text)
    if (size > bytes) return
    await put(folder, key, text)
    note(key, size)
    await shrink()
  }

  return {
    name: 'disk',
    async get(key) {
      await opened()
      const size = sizes.get(key)
      if (size === undefined) return undefined
      note(key, size)
      const entry = await read(key)
      if (!entry) await remove(key)
      return entry
    },
    // sequential, so that the order is the order of use; entries that arrive faster than the disk can write are skipped
    async set(key, entry) {
      if (waiting >= MAX_WAITING_WRITES) return
      waiting++
      const write = writing.then(() => store(key, entry)).finally(() => void waiting--)
      writing = write.catch(() => {})
      await write
    },
    async size() {
      await opened()
      return { entries: sizes.size, bytes: total, most: bytes }
    },
    forget,
    marksOf: async (tags) => (await opened()).marksOf(tags),
    drop: async (tag) => (await opened()).drop(tag),
  }
}

/** The entry files, oldest first. Deletes incomplete files. */
async function filesIn(folder: string) {
  const files: { readonly name: string; readonly bytes: number; readonly at: number }[] = []
  for (const name of await readdir(folder)) {
    if (name === TAGS) continue
    const path = join(folder, name)
    if (!KEY.test(name)) await rm(path, { force: true, recursive: true })
    else {
      const { size, mtimeMs } = await stat(path)
      files.push({ name, bytes: size, at: mtimeMs })
    }
  }
  return files.sort((a, b) => a.at - b.at)
}

async function openTags(folder: string): Promise<CacheTags> {
  const save = (marks: TagMarks) => put(folder, TAGS, JSON.stringify(marks))
  const known = await readTags(folder)
  const marks = known ?? newMarks()
  // the next process must know the marks, too
  if (!known) await save(marks)
  return createTags(marks, save)
}

/** Undefined if there are none or they cannot be read. */
async function readTags(folder: string): Promise<TagMarks | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, TAGS), 'utf8')) as TagMarks
  } catch {
    return undefined
  }
}

async function put(folder: string, name: string, text: string): Promise<void> {
  const draft = join(folder, `draft-${randomUUID()}`)
  await writeFile(draft, text, { mode: 0o600 })
  await rename(draft, join(folder, name))
}

/** Checksum, metadata, text. */
function frame({ text, ...said }: CacheEntry): string {
  const head = JSON.stringify({ ...said, sum: crc32(text) })
  return `${head}\n${text}`
}

function unframe(framed: string): CacheEntry | undefined {
  const end = framed.indexOf('\n')
  try {
    const { sum, ...said } = JSON.parse(framed.slice(0, end)) as Omit<CacheEntry, 'text'> & { sum: number }
    const text = framed.slice(end + 1)
    return crc32(text) === sum ? { text, ...said } : undefined
  } catch {
    return undefined
  }
}
