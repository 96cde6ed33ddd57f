import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { BlobStore, StoredBlob } from '../../../src/store/blobs/blob-store.ts'
import { copyBlobs, createBlobs } from '../../../src/store/blobs/blobs.ts'
import type { ByteRange } from '../../../src/store/blobs/draft.ts'
import { folderStore } from '../../../src/store/blobs/folder-store.ts'

const HOUR = 3_600_000
const later = () => Date.now() + HOUR
const longAgo = () => Date.now() - HOUR

const hashOf = (text: string | Buffer) => createHash('sha256').update(text).digest('hex')
async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

/** What every store of blobs promises. `open` gives what another node would have: each call shares with the others of its test only the place. */
export function exerciseStore(open: () => BlobStore): void {
  async function write(store: BlobStore, text: string): Promise<string> {
    const hash = hashOf(text)
    await store.write(hash, text)
    return hash
  }

  const oldOf = async (store: BlobStore, used: readonly string[] = []) =>
    (await all(store.old(new Set(used), later()))).toSorted((a, b) => a.bytes - b.bytes)

  test('gives what another node wrote, byte for byte', async () => {
    const texts = ['null', '"größer 🦉 <&>"', JSON.stringify('x'.repeat(3_000_000))]
    const hashes = await Promise.all(texts.map((text) => write(open(), text)))
    expect(await Promise.all(hashes.map((hash) => open().read(hash)))).toEqual(texts)
  })

  test('has none where none was written', async () => {
    expect(await open().read(hashOf('nobody wrote this'))).toBeUndefined()
  })

  test('takes the same text from several nodes at once', async () => {
    const [hash] = await Promise.all(Array.from({ length: 8 }, () => write(open(), '"the same"')))
    expect(await open().read(hash!)).toBe('"the same"')
    expect(await oldOf(open())).toHaveLength(1)
  })

  const draft = (store: BlobStore, bytes: Uint8Array) => store.draft(pieces(bytes, 7000))
  const bytesOf = async (store: BlobStore, hash: string, range?: ByteRange) => {
    const content = await store.open(hash, range)
    return content && Buffer.concat(await all(content))
  }

  test('keeps bytes that no text has, and gives ranges of them to another node', async () => {
    const bytes = randomBytes(1_000_000)
    const store = open()
    const written = await draft(store, bytes)
    expect(written).toMatchObject({ hash: hashOf(bytes), bytes: bytes.length })
    expect(await open().open(written.hash)).toBeUndefined()
    await store.keep(written)
    expect(bytes.equals((await bytesOf(open(), written.hash))!)).toBe(true)
    for (const [start, end] of [
      [0, 1],
      [999_999, undefined],
      [300_000, 700_001],
      [5, 5],
      [1_000_000, undefined],
    ] as const) {
      const range = { start, ...(end !== undefined && { end }) }
      expect(bytes.subarray(start, end).equals((await bytesOf(open(), written.hash, range))!)).toBe(true)
    }
  })

  test('keeps the same bytes of two nodes once, be they a text or a file, and no bytes at all', async () => {
    const text = '"the same"'
    const hash = await write(open(), text)
    for (const bytes of [text, text, '', '']) {
      const store = open()
      await store.keep(await draft(store, Buffer.from(bytes)))
    }
    expect(await open().read(hash)).toBe(text)
    expect(await bytesOf(open(), hashOf(''))).toEqual(Buffer.alloc(0))
    expect((await oldOf(open())).map(({ bytes }) => bytes)).toEqual([0, text.length])
  })

  test('leaves nothing of bytes that are cut off', async () => {
    const store = open()
    async function* cut() {
      yield randomBytes(100_000)
      throw new Error('cut off')
    }
    await expect(store.draft(cut())).rejects.toThrow('cut off')
    expect(await oldOf(store)).toEqual([])
  })

  test('tells of a draft that was never kept, and removes it', async () => {
    const store = open()
    const { bytes } = await draft(store, randomBytes(100))
    const [left] = await oldOf(store)
    expect(left).toEqual({ place: expect.any(String), bytes })
    await store.remove(left!, later())
    expect(await oldOf(store)).toEqual([])
  })

  test('copies values and files as they are to another store', async () => {
    const other = folderStore(mkdtempSync(join(tmpdir(), 'antiphon-copy-')))
    const bytes = randomBytes(500_000)
    const store = open()
    await store.keep(await draft(store, bytes))
    const hash = await write(store, '{ "spaced": 1 }')
    await copyBlobs(store, other)
    expect(bytes.equals((await bytesOf(other, hashOf(bytes)))!)).toBe(true)
    expect(await other.read(hash)).toBe('{ "spaced": 1 }')
  })

  test('tells what is old and not in use', async () => {
    const [used, unused] = [await write(open(), '1'), await write(open(), '22')]
    expect(await oldOf(open(), [used])).toEqual([{ hash: unused, place: expect.any(String), bytes: 2 }])
    expect(await all(open().old(new Set(), longAgo()))).toEqual([])
  })

  test('removes old blobs, also if another node has done so, and keeps those that were put again', async () => {
    const [hash, again] = [await write(open(), '1'), await write(open(), '22')]
    const [first, second] = (await oldOf(open())) as unknown as readonly [StoredBlob, StoredBlob]
    await Promise.all([open().remove(first, later()), open().remove(first, later())])
    await open().remove(first, later())
    await open().remove(second, longAgo())
    expect(await open().read(hash)).toBeUndefined()
    expect(await open().read(again)).toBe('22')
    expect(await write(open(), '1')).toBe(hash)
    expect(await open().read(hash)).toBe('1')
  })

  test('keeps marks, which are no blobs', async () => {
    expect(await open().marks()).toEqual([])
    for (const name of ['mine.1', 'mine.1', 'yours.2']) await open().mark(name)
    expect((await open().marks()).toSorted()).toEqual(['mine.1', 'yours.2'])
    expect(await oldOf(open())).toEqual([])
  })

  test('keeps values as blobs that two nodes put, read and sweep', async () => {
    const [one, other] = [createBlobs(open()), createBlobs(open())]
    const value = { list: [1, null, { deep: 'größer' }] }
    const hash = await one.put(value)
    expect(await other.get(hash)).toEqual(value)
    const swept = { used: new Set<string>(), before: later() }
    expect((await one.sweep({ ...swept, dryRun: true })).blobs.count).toBe(1)
    expect((await one.sweep(swept)).blobs).toEqual({ count: 1, bytes: Buffer.byteLength(JSON.stringify(value)) })
    expect((await other.sweep(swept)).blobs.count).toBe(0)
    await expect(createBlobs(open()).get(hash)).rejects.toMatchObject({ name: 'NotFoundError' })
  })
}
