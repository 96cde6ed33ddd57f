import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { systemClock } from '../../src/engine/engine.ts'
import { hashOfFile } from '../../src/lib/media/file-ref.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import { openBlobs } from '../../src/store/blobs/blobs.ts'
import { blobPath } from '../../src/store/blobs/folder-store.ts'
import { until } from '../../src/testing/until.ts'
import { openFolder } from '../runtime/inspect/folder.ts'

const DAY = 24 * 3_600_000

/** A folder whose removals happen so many days later. */
function openLater() {
  const { folder } = openFolder()
  const data = join(folder, '.antiphon')
  return {
    data,
    async open(days: number) {
      const config = { ...(await loadConfig({ folder, environment: {} })), embedder: 'none' as const }
      const retentionClock = { ...systemClock, now: () => Date.now() + days * DAY, after: () => () => {} }
      // small checkpoints, so that what goes is soon no longer in the log
      const checkpoint = { bytes: 1, chunk: 8, trim: 64 }
      return createRuntime(config, { retentionClock, checkpoint })
    },
    hasBytes: (file: string) => existsSync(blobPath(join(data, 'blobs'), hashOfFile(file))),
  }
}

it('a file that nothing uses goes seven days after its last use, and gc names it', async () => {
  const { open, hasBytes } = openLater()
  const runtime = await open(6)
  const { files } = runtime
  const { file } = await files.add(randomBytes(1000), { owner: 'ann' })
  const source = { text: 'name: p\nsteps: [{ id: a, tool: debug, parameters: { message: hi } }]' }
  const { id } = await runtime.runs.start({ source })
  const used = await files.add(randomBytes(2000), { use: `run/${id}` })
  const threads = await files.add(randomBytes(3000), { use: 'thread/gone' })
  await runtime.idle()
  expect((await runtime.maintenance.gc()).items).toEqual([])
  await runtime.stop()

  const later = await open(8)
  const names = [`ann/${file}`, `local/${threads.file}`]
  for (const dryRun of [true, false]) {
    const { items } = await later.maintenance.gc({ dryRun })
    const [item] = items.filter(({ what }) => what === 'file')
    expect(item).toMatchObject({ why: 'not used for 7 days', count: 2, bytes: 4000 })
    expect(item!.ids.toSorted()).toEqual(names.toSorted())
    expect(await later.files.list({ owner: 'ann' })).toHaveLength(dryRun ? 1 : 0)
  }
  await expect(later.files.get(file, { owner: 'ann' })).rejects.toMatchObject({ code: 'file_not_found' })
  expect(await later.files.list()).toMatchObject([{ file: used.file }])
  await later.maintenance.gc()
  expect(hasBytes(used.file)).toBe(true)
  await later.stop()
  // the log may still have named it
  const again = await open(9)
  await again.maintenance.gc()
  expect([file, threads.file, used.file].map(hasBytes)).toEqual([false, false, true])
  await again.stop()
}, 60_000)

it('the bytes of two owners stay for the other one, whoever goes first', async () => {
  const { open, hasBytes } = openLater()
  const runtime = await open(0.5)
  const { files } = runtime
  const both = randomBytes(1000)
  const { file } = await files.add(both, { owner: 'ann', name: 'xyloglyph.bin' })
  const own = await files.add(randomBytes(500), { owner: 'ann' })
  await files.add(both, { owner: 'bob' })
  expect((await runtime.erasures.forget('ann', { dryRun: true })).removed).toMatchObject({ files: 2 })
  const report = await runtime.erasures.forget('ann')
  await until(async () => (await runtime.erasures.get(report.id!)).status === 'done')
  expect(await runtime.erasures.get(report.id!)).toMatchObject({ removed: { files: 2 } })
  expect(await files.list({ owner: 'ann' })).toEqual([])
  expect(both.equals(await files.read(file, { owner: 'bob', max: 1000 }))).toBe(true)
  expect([file, own.file].map(hasBytes)).toEqual([true, false])
  await files.remove(file, { owner: 'bob' })
  await runtime.stop()
}, 60_000)

it('a kill between the bytes and the record leaves bytes that a sweep takes, and the next upload is whole', async () => {
  const { open, hasBytes, data } = openLater()
  const blobs = openBlobs(join(data, 'blobs'))
  const [bytes, others] = [randomBytes(1000), randomBytes(500)]
  const [draft, other] = [
    await blobs.draft(ReadableStream.from([bytes])),
    await blobs.draft(ReadableStream.from([others])),
  ]
  await blobs.keep(draft)
  await blobs.keep(other)
  const [file, lost] = [`file_${draft.hash}`, `file_${other.hash}`]
  const runtime = await open(2)
  expect(await runtime.files.list()).toEqual([])
  await expect(runtime.files.open(file)).rejects.toMatchObject({ code: 'file_not_found' })
  expect(await runtime.files.add(bytes)).toMatchObject({ file })
  await runtime.maintenance.gc()
  expect([file, lost].map(hasBytes)).toEqual([true, false])
  await runtime.stop()
})
