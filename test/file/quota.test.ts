import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { systemClock } from '../../src/engine/engine.ts'
import { hashOfFile } from '../../src/lib/media/file-ref.ts'
import { createRuntime, type ServedRuntime } from '../../src/runtime/open/create-runtime.ts'
import { openBlobs } from '../../src/store/blobs/blobs.ts'
import { blobPath } from '../../src/store/blobs/folder-store.ts'
import { placesIn } from '../../src/store/data-folder/layout.ts'
import { until } from '../../src/testing/until.ts'
import { openFolder } from '../runtime/inspect/folder.ts'

const MIB = 1024 * 1024
/** The most of what an owner may have. */
const LARGE = 800_000
const DAY = 24 * 3_600_000

/** A folder where an owner may have 1 MiB, and all owners `limit` MiB. */
function openSmall(limit = 2) {
  const { folder, path } = openFolder()
  writeFileSync(path('antiphon.yaml'), `files: { owner: 1, folder: ${limit} }\n`)
  const blobs = join(folder, '.antiphon', 'blobs')
  return {
    path,
    blobs,
    async open(days = 0) {
      const config = { ...(await loadConfig({ folder, environment: {} })), embedder: 'none' as const }
      const retentionClock = { ...systemClock, now: () => Date.now() + days * DAY, after: () => () => {} }
      return createRuntime(config, { retentionClock, checkpoint: { bytes: 1, chunk: 8, trim: 64 } })
    },
    onDisk: () =>
      readdirSync(blobs, { recursive: true, encoding: 'utf8' })
        .map((name) => statSync(join(blobs, name)))
        .reduce((sum, found) => sum + (found.isFile() ? found.size : 0), 0),
    hasBytes: (file: string) => existsSync(blobPath(blobs, hashOfFile(file))),
  }
}

it('adding and removing 800 KB forty times never fills more than the limit and one file', async () => {
  const { open, onDisk } = openSmall()
  const { files, stop } = await open()
  for (let n = 0; n < 40; n++) {
    const { file } = await files.add(randomBytes(LARGE))
    expect(onDisk()).toBeLessThanOrEqual(MIB + LARGE)
    await files.remove(file)
    expect(onDisk()).toBeLessThan(100_000)
  }
  await stop()
}, 60_000)

/** A run that has pinned the file, and waits for a person. */
async function pin(runtime: ServedRuntime, file: string) {
  const steps = [
    { id: 'ask', tool: 'wait-for-signal' },
    { id: 'a', action: 'generate_text', parameters: { prompt: 'x', files: [file] }, requires_model: 'local' },
  ]
  const { id } = await runtime.runs.start({ source: { text: JSON.stringify({ name: 'p', steps }) } })
  await runtime.files.resolve([file], { use: `run/${id}` })
  return id
}

it('a removed file that a stored run may have pinned stays and counts until the run is gone', async () => {
  const { open, hasBytes } = openSmall()
  const first = await open()
  const { file } = await first.files.add(randomBytes(LARGE))
  const id = await pin(first, file)
  await first.files.remove(file)
  await first.stop()
  const second = await open()
  await second.maintenance.gc()
  expect(hasBytes(file)).toBe(true)
  expect(await second.files.list()).toEqual([])
  await expect(second.files.add(randomBytes(LARGE))).rejects.toMatchObject({ code: 'file_quota' })
  await second.runs.cancel(id, 'no longer needed')
  await until(async () => (await second.runs.get(id)).status === 'cancelled')
  await second.stop()
  const later = await open(40)
  await later.maintenance.gc()
  expect(hasBytes(file)).toBe(false)
  await later.files.add(randomBytes(LARGE))
  await later.stop()
}, 60_000)

it('a removed file that is added again counts once, and its run still keeps it', async () => {
  const { open, hasBytes } = openSmall()
  const { files, stop, ...runtime } = await open()
  const content = randomBytes(LARGE)
  const { file } = await files.add(content)
  const id = await pin({ files, ...runtime } as ServedRuntime, file)
  await files.remove(file)
  expect(await files.add(content)).toMatchObject({ file, uses: [`run/${id}`] })
  await files.remove(file)
  expect(hasBytes(file)).toBe(true)
  await expect(files.add(randomBytes(LARGE))).rejects.toMatchObject({ code: 'file_quota' })
  await stop({ grace: 0 })
})

it('the bytes of two owners stay for the other one, and count for the last one until a sweep', async () => {
  const { open, hasBytes } = openSmall(1024)
  const first = await open()
  const content = randomBytes(LARGE)
  const { file } = await first.files.add(content, { owner: 'ann' })
  await first.files.add(content, { owner: 'bob' })
  await first.files.remove(file, { owner: 'ann' })
  expect(content.equals(await first.files.read(file, { owner: 'bob', max: LARGE }))).toBe(true)
  // they count for bob alone
  const other = await first.files.add(randomBytes(LARGE), { owner: 'ann' })
  await first.files.remove(other.file, { owner: 'ann' })
  expect(hasBytes(other.file)).toBe(false)
  await first.files.remove(file, { owner: 'bob' })
  await expect(first.files.add(randomBytes(LARGE), { owner: 'bob' })).rejects.toMatchObject({ code: 'file_quota' })
  await first.stop()
  const later = await open(2)
  await later.maintenance.gc()
  expect(hasBytes(file)).toBe(false)
  await later.files.add(randomBytes(LARGE), { owner: 'bob' })
  await later.stop()
}, 60_000)

it('an upload that is cut off leaves nothing, and takes no place', async () => {
  const { open, onDisk } = openSmall()
  const { files, stop } = await open()
  async function* cut() {
    yield randomBytes(LARGE)
    throw new Error('cut off')
  }
  for (let n = 0; n < 3; n++) await expect(files.add(cut())).rejects.toThrow('cut off')
  expect(onDisk()).toBe(0)
  await files.add(randomBytes(LARGE))
  await stop()
})

it('a value, or bytes that a step has put, keeps the bytes of a removed file that are the same', async () => {
  const { open, hasBytes, blobs } = openSmall()
  const store = openBlobs(blobs)
  const { files, stop } = await open()
  const writes = [
    (text: string) => store.put(JSON.parse(text)),
    async (text: string) => store.keep(await store.draft(ReadableStream.from([Buffer.from(text)]))),
  ]
  for (const [n, write] of writes.entries()) {
    const text = JSON.stringify(`${n}`.repeat(5000))
    const { file } = await files.add(Buffer.from(text))
    await write(text)
    await files.remove(file)
    expect(hasBytes(file)).toBe(true)
  }
  await stop()
})

it('a backup that is being written keeps the bytes of a removed file, and gc frees them after it', async () => {
  const { open, hasBytes, blobs } = openSmall()
  const { files, maintenance, stop } = await open()
  const { file } = await files.add(randomBytes(LARGE))
  const note = placesIn(dirname(blobs)).backupNote
  writeFileSync(note, '{}')
  await files.remove(file)
  expect(hasBytes(file)).toBe(true)
  rmSync(note)
  await expect(files.add(randomBytes(LARGE))).rejects.toMatchObject({ code: 'file_quota' })
  await maintenance.gc()
  expect(hasBytes(file)).toBe(false)
  await files.add(randomBytes(LARGE))
  await stop()
})

it('two owners who send the same bytes at once have them apart, whoever goes first', async () => {
  const { open } = openSmall()
  const { files, stop } = await open()
  for (let n = 0; n < 20; n++) {
    const content = randomBytes(1000)
    const [{ file }] = await Promise.all([files.add(content, { owner: 'ann' }), files.add(content, { owner: 'bob' })])
    await files.remove(file, { owner: n % 2 ? 'ann' : 'bob' })
    const read = await files.read(file, { owner: n % 2 ? 'bob' : 'ann', max: 1000 })
    expect(content.equals(read)).toBe(true)
  }
  await stop()
})
