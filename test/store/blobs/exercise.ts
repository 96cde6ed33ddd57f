import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { BlobStore, StoredBlob } from '../../../src/store/blobs/blob-store.ts'
import { createBlobs } from '../../../src/store/blobs/blobs.ts'

const HOUR = 3_600_000
const later = () => Date.now() + HOUR
const longAgo = () => Date.now() - HOUR

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
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
