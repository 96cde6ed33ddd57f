import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type BlobStore, withDiskReserve } from '../../../src/store/blobs/blob-store.ts'
import { folderStore } from '../../../src/store/blobs/folder-store.ts'
import { type DiskSpaceOptions, watchDiskSpace } from '../../../src/store/data-folder/disk-space.ts'

const MIB = 1024 * 1024

/** A disk that is looked at, and a clock that stands still. */
function openRoom(total: number, free: number, options: DiskSpaceOptions = {}) {
  const disk = { total: total * MIB, free: free * MIB, looks: 0, now: 0 }
  const look = async () => {
    disk.looks++
    return { ...disk }
  }
  return { disk, space: watchDiskSpace('/data', { look, elapsed: () => disk.now, ...options }) }
}

const LACKS = { code: 'storage', message: expect.stringContaining('are reserved') }

test('keeps a twentieth of the disk free, 256 MiB at most and 64 at least, of a small disk a quarter, or what is configured', async () => {
  for (const [total, reserve] of [
    [2_000, 100],
    [1_000_000, 256],
    [1_000, 64],
    [40, 10],
  ] as const) {
    await expect(openRoom(total, reserve - 1).space.check()).rejects.toMatchObject(LACKS)
    await openRoom(total, reserve).space.check()
  }
  await expect(openRoom(1000, 99, { reserve: 100 }).space.check()).rejects.toMatchObject(LACKS)
  await openRoom(1000, 0, { reserve: 0 }).space.check()
})

test('looks once for many who ask at once, again after a second, and again when a part of the reserve was written', async () => {
  const { disk, space } = openRoom(1000, 500, { reserve: 50 })
  await Promise.all(Array.from({ length: 100 }, () => space.check()))
  disk.now = 999
  space.wrote(12 * MIB)
  await space.check()
  expect(disk.looks).toBe(1)
  space.wrote(MIB)
  disk.free = 0
  await expect(space.check()).rejects.toMatchObject(LACKS)
  expect(disk.looks).toBe(2)
  disk.free = 500 * MIB
  await expect(space.check()).rejects.toMatchObject(LACKS)
  disk.now += 1000
  await space.check()
})

test('blobs of running work may use half of the reserve, also when many are written at once', async () => {
  const written: string[] = []
  const store = { write: async (hash: string) => void written.push(hash) } as Partial<BlobStore> as BlobStore
  const { disk, space } = openRoom(1000, 30, { reserve: 40 })
  const blobs = withDiskReserve(store, space)
  await expect(space.check()).rejects.toMatchObject(LACKS)
  const text = 'x'.repeat(4 * MIB)
  const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd'].map((hash) => blobs.write(hash, text)))
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(2)
  expect(written).toHaveLength(2)
  disk.now += 1000
  disk.free = 19 * MIB
  await expect(blobs.write('e', 'text')).rejects.toMatchObject(LACKS)
})

test('a draft is written only while half of the reserve stays free, and nothing is left of it', async () => {
  const { disk, space } = openRoom(1_000, 40)
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-space-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const blobs = withDiskReserve(folderStore(folder), space)
  async function* pieces() {
    for (let n = 0; n < 20; n++) {
      yield Buffer.alloc(MIB, n)
      disk.free -= MIB
      disk.now += 1000
    }
  }
  await expect(blobs.draft(pieces())).rejects.toMatchObject(LACKS)
  expect(readdirSync(join(folder, 'temporary'))).toEqual([])
  expect(disk.free / MIB).toBe(31)
})
