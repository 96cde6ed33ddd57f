import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { copyBlobs, createBlobs, openBlobs } from '../../../src/store/blobs/blobs.ts'
import { blobPath, folderStore } from '../../../src/store/blobs/folder-store.ts'
import { gate } from '../../../src/testing/gate.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'antiphon-sweep-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
})

const HOUR = 3_600_000
const hourAgo = () => Date.now() - HOUR
const isThere = (hash: string) =>
  stat(blobPath(folder, hash)).then(
    () => true,
    () => false,
  )

async function putLongAgo(value: string): Promise<string> {
  const hash = await openBlobs(folder).put(value)
  await age(blobPath(folder, hash))
  return hash
}

async function age(path: string): Promise<void> {
  const longAgo = new Date(Date.now() - 2 * HOUR)
  await utimes(path, longAgo, longAgo)
}

test('removes blobs that are old and not in use, and no others', async () => {
  const blobs = openBlobs(folder)
  const [used, unused] = [await putLongAgo('used'), await putLongAgo('unused')]
  const fresh = await blobs.put('fresh')
  await writeFile(join(folder, 'swept'), 'not a blob')
  await mkdir(join(folder, 'elsewhere'))
  const swept = await blobs.sweep({ used: new Set([used]), before: hourAgo() })
  expect(swept).toEqual({ blobs: { count: 1, bytes: '"unused"'.length }, drafts: { count: 0, bytes: 0 } })
  expect([await isThere(used), await isThere(unused), await isThere(fresh)]).toEqual([true, false, true])
  expect(await readdir(folder)).toEqual(expect.arrayContaining(['swept', 'elsewhere']))
})

test('removes leftovers of interrupted writes', async () => {
  const blobs = openBlobs(folder)
  await blobs.put('makes the folders')
  for (const name of ['old', 'new']) await writeFile(join(folder, 'temporary', name), 'half')
  await age(join(folder, 'temporary', 'old'))
  expect((await blobs.sweep({ used: new Set(), before: hourAgo() })).drafts).toEqual({ count: 1, bytes: 4 })
  expect(await readdir(join(folder, 'temporary'))).toEqual(['new'])
})

test('a dry sweep only counts, and a missing folder counts as empty', async () => {
  const hash = await putLongAgo('unused')
  expect((await openBlobs(folder).sweep({ used: new Set(), before: hourAgo(), dryRun: true })).blobs.count).toBe(1)
  expect(await isThere(hash)).toBe(true)
  const none = { count: 0, bytes: 0 }
  expect(await openBlobs(join(folder, 'none')).sweep({ used: new Set(), before: hourAgo() })).toEqual({
    blobs: none,
    drafts: none,
  })
})

test('keeps a blob that was put again', async () => {
  const hash = await putLongAgo('unused so far')
  const blobs = openBlobs(folder)
  expect(await blobs.put('unused so far')).toBe(hash)
  await blobs.sweep({ used: new Set(), before: hourAgo() })
  expect(await isThere(hash)).toBe(true)
})

test('a blob put during a sweep exists afterwards, in any order', async () => {
  for (let round = 0; round < 50; round++) {
    const hash = await putLongAgo('wanted again')
    const blobs = openBlobs(folder)
    const sweeping = blobs.sweep({ used: new Set(), before: hourAgo() })
    // as many steps into the sweep as it may take
    for (let step = 0; step < round % 10; step++) await stat(folder)
    const put = await blobs.put('wanted again')
    const was = await isThere(hash)
    await sweeping
    expect([put, was, await isThere(hash)]).toEqual([hash, true, true])
    await rm(blobPath(folder, hash))
  }
})

test('a blob put during its removal is stored afterwards', async () => {
  await putLongAgo('wanted again')
  const store = folderStore(folder)
  const hold = gate()
  const did: string[] = []
  const blobs = createBlobs({
    ...store,
    remove: async (item, before) => {
      await hold.pass()
      await store.remove(item, before)
      did.push('remove')
    },
    write: (hash, text) => {
      did.push('write')
      return store.write(hash, text)
    },
  })
  const sweeping = blobs.sweep({ used: new Set(), before: hourAgo() })
  await hold.started
  const putting = blobs.put('wanted again')
  // it would begin by now
  for (let step = 0; step < 10; step++) await stat(folder)
  hold.release()
  await Promise.all([sweeping, putting])
  expect(did).toEqual(['remove', 'write'])
})

test('spares what another process puts again while it is swept', async () => {
  for (let round = 0; round < 50; round++) {
    const hash = await putLongAgo('wanted elsewhere')
    const sweeping = openBlobs(folder).sweep({ used: new Set(), before: hourAgo() })
    for (let step = 0; step < round % 10; step++) await stat(folder)
    await openBlobs(folder).put('wanted elsewhere')
    const reading = openBlobs(folder).get(hash)
    await sweeping
    expect([await reading, await isThere(hash)]).toEqual(['wanted elsewhere', true])
    await rm(blobPath(folder, hash))
  }
})

test('spares what another process put again between being found and being taken away', async () => {
  const hash = await putLongAgo('wanted elsewhere')
  const store = folderStore(folder)
  for await (const found of store.old(new Set(), hourAgo())) {
    await openBlobs(folder).put('wanted elsewhere')
    await store.remove(found, hourAgo())
  }
  expect(await isThere(hash)).toBe(true)
})

test('two simultaneous sweeps each remove what the other one has not', async () => {
  const hashes = await Promise.all(Array.from({ length: 40 }, (_, n) => putLongAgo(`unused ${n}`)))
  const used = await putLongAgo('used')
  const sweep = () => openBlobs(folder).sweep({ used: new Set([used]), before: hourAgo() })
  await Promise.all([sweep(), sweep()])
  expect(await Promise.all(hashes.map(isThere))).toEqual(hashes.map(() => false))
  expect([await isThere(used), await readdir(join(folder, 'aside'))]).toEqual([true, []])
})

test('restores blobs that a killed sweep had set aside, which can be read before that', async () => {
  const hash = await openBlobs(folder).put('put again')
  await mkdir(join(folder, 'aside'))
  await rename(blobPath(folder, hash), join(folder, 'aside', `${hash}.killed`))
  expect(await openBlobs(folder).get(hash)).toBe('put again')
  await openBlobs(folder).sweep({ used: new Set(), before: hourAgo() })
  expect([await isThere(hash), await readdir(join(folder, 'aside'))]).toEqual([true, []])
})

test('blobs that were set aside are copied with the others', async () => {
  const hash = await openBlobs(folder).put('taken aside')
  await mkdir(join(folder, 'aside'))
  await rename(blobPath(folder, hash), join(folder, 'aside', `${hash}.killed`))
  const target = folderStore(join(folder, 'target'))
  await copyBlobs(folderStore(folder), target)
  expect(await createBlobs(target).get(hash)).toBe('taken aside')
})

test('ends at the signal', async () => {
  await putLongAgo('unused')
  const leaving = AbortSignal.abort()
  await expect(openBlobs(folder).sweep({ used: new Set(), before: hourAgo(), signal: leaving })).rejects.toThrow()
})
