import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createBlobs, openBlobs } from '../../../src/store/blobs/blobs.ts'
import { folderStore } from '../../../src/store/blobs/folder-store.ts'

let folder: string
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'blobs-')), 'data', 'blobs')
})
afterEach(async () => rm(join(folder, '..', '..'), { recursive: true, force: true }))

const fileOf = (hash: string) => join(folder, hash.slice(0, 2), hash.slice(2))

describe('blobs', () => {
  it('names a value by the hash of its JSON and gives it back, also to a later process', async () => {
    const value = { text: 'größer 🦉', list: [1, null, { deep: true }] }
    const hash = await openBlobs(folder).put(value)
    expect(hash).toBe(createHash('sha256').update(JSON.stringify(value)).digest('hex'))
    expect(await openBlobs(folder).get(hash)).toEqual(value)
  })

  it('keeps null, which is a value', async () => {
    const blobs = openBlobs(folder)
    const hash = await blobs.put(null)
    expect([await blobs.get(hash), await blobs.get(hash)]).toEqual([null, null])
  })

  it('stores the same value once, also when put many times at once and by several openers', async () => {
    const openers = [openBlobs(folder), openBlobs(folder)]
    const hashes = await Promise.all(Array.from({ length: 40 }, (_, n) => openers[n % 2]!.put({ same: true })))
    expect(new Set(hashes).size).toBe(1)
    expect(await readdir(join(folder, hashes[0]!.slice(0, 2)))).toEqual([hashes[0]!.slice(2)])
    expect(await readdir(join(folder, 'temporary'))).toEqual([])
  })

  it('gives the same frozen value to all readers, which never is the one that was put', async () => {
    const blobs = openBlobs(folder)
    const value = { list: [{ n: 1 }] }
    const hash = await blobs.put(value)
    value.list[0]!.n = 2
    const read = (await blobs.get(hash)) as typeof value
    expect(read).toEqual({ list: [{ n: 1 }] })
    expect(await blobs.get(hash)).toBe(read)
    expect(() => read.list.push({ n: 3 })).toThrow(TypeError)
    expect(() => (read.list[0]!.n = 3)).toThrow(TypeError)
  })

  it('takes deeply nested values', async () => {
    let value: { inner?: object } = {}
    for (let depth = 0; depth < 2000; depth++) value = { inner: value }
    const hash = await openBlobs(folder).put(value as never)
    expect(JSON.stringify(await openBlobs(folder).get(hash))).toBe(JSON.stringify(value))
  })
})

describe('a value that this process made durable a moment ago', () => {
  const MINUTE = 60_000
  const wrote: string[] = []
  const open = () => {
    const store = folderStore(folder)
    wrote.length = 0
    return createBlobs({
      ...store,
      write: async (hash, text) => {
        await store.write(hash, text)
        wrote.push(text)
      },
    })
  }
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('is not written again for a quarter of an hour', async () => {
    const blobs = open()
    await blobs.put('same')
    vi.advanceTimersByTime(14 * MINUTE)
    await blobs.put('same')
    expect(wrote).toEqual(['"same"'])
    vi.advanceTimersByTime(2 * MINUTE)
    await blobs.put('same')
    expect(wrote).toEqual(['"same"', '"same"'])
  })

  it.each([-1, 20 * MINUTE])('is written again when the clock was set by %i ms', async (by) => {
    const blobs = open()
    await blobs.put('same')
    vi.setSystemTime(Date.now() + by)
    await blobs.put('same')
    expect(wrote).toEqual(['"same"', '"same"'])
  })

  it('is written again when a sweep has removed it, and when its first write failed', async () => {
    const blobs = open()
    const hash = await blobs.put('same')
    await blobs.sweep({ used: new Set(), before: Date.now() + 60 * MINUTE })
    expect(await blobs.put('same')).toBe(hash)
    expect(await openBlobs(folder).get(hash)).toBe('same')
    const failing = createBlobs({ ...folderStore(folder), write: () => Promise.reject(new Error('no space')) })
    await expect(failing.put('new')).rejects.toThrow('no space')
    await expect(failing.put('new')).rejects.toThrow('no space')
  })
})

describe('a blob that cannot be given', () => {
  it('is a NotFoundError when it is not there', async () => {
    await expect(openBlobs(folder).get('a'.repeat(64))).rejects.toMatchObject({ name: 'NotFoundError' })
  })

  it('is a NotFoundError when the hash is none, whatever path it spells', async () => {
    const hash = await openBlobs(folder).put('secret')
    for (const bad of ['', '../../etc/passwd', `${hash}/..`, hash.toUpperCase()])
      await expect(openBlobs(folder).get(bad)).rejects.toMatchObject({ name: 'NotFoundError' })
  })

  it.each([
    ['torn', (text: string) => text.slice(0, 5)],
    ['emptied', () => ''],
    ['changed', (text: string) => text.replace('important', 'imp0rtant')],
  ])(
    'is reported by hash when the file is %s, without a place, which clients would read, and put heals it',
    async (_, damage) => {
      const value = { text: 'something important' }
      const hash = await openBlobs(folder).put(value)
      await writeFile(fileOf(hash), damage(await readFile(fileOf(hash), 'utf8')))
      const blobs = openBlobs(folder)
      await expect(blobs.get(hash)).rejects.toMatchObject({ code: 'damaged', terminal: true })
      const told = await blobs.get(hash).catch(({ message }: Error) => message)
      expect(told).toContain(`Blob ${hash} is damaged`)
      expect(told).not.toContain(folder)
      await blobs.put(value)
      expect(await blobs.get(hash)).toEqual(value)
    },
  )

  it('is read again however long a list it is', async () => {
    const long = Array.from({ length: 300_000 }, (_, at) => at)
    const hash = await openBlobs(folder).put(long)
    expect(await openBlobs(folder).get(hash)).toEqual(long)
  })

  it('is refused by size before anything is written', async () => {
    const huge = 'x'.repeat(64 * 1024 * 1024)
    await expect(openBlobs(folder).put(huge)).rejects.toMatchObject({ code: 'too_large' })
    await expect(readdir(folder)).rejects.toThrow('ENOENT')
  })

  it('is refused by size also where no text could hold its JSON', async () => {
    const huge = new Array(1024).fill('x'.repeat(1024 * 1024))
    await expect(openBlobs(folder).put(huge)).rejects.toMatchObject({ code: 'too_large' })
  })
})

describe('a disk that refuses', () => {
  it('is an error worth another try, and the next put tries again', async () => {
    await writeFile(join(folder, '..', '..', 'data'), 'a file where the folder should be')
    const blobs = openBlobs(folder)
    await expect(blobs.put(1)).rejects.toMatchObject({ name: 'RetryableError', code: 'storage' })
    await rm(join(folder, '..', '..', 'data'))
    const hash = await blobs.put(1)
    expect(await openBlobs(folder).get(hash)).toBe(1)
  })
})
