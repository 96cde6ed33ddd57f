// dear: each test opens runtimes, and restores a folder into another one
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineActor } from 'antiphon'
import { expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { loadConfig } from '../../../src/config/config.ts'
import { SCHEMA, STATEMENTS } from '../../../src/engine/libsql/tables/schema.ts'
import { createRuntime, type ServedRuntime as Runtime } from '../../../src/runtime/open/create-runtime.ts'
import { restoreReplica } from '../../../src/store/replica/restore.ts'
import { openS3Double, type S3Double } from './s3-double.ts'

const TABLES = { schema: SCHEMA, statements: STATEMENTS }

/** A state may have 64 KiB, so a write has no more for each actor. */
const diary = defineActor({
  kind: 'diary',
  message: z.object({ page: z.string() }),
  initial: () => ({ page: '' }),
  receive: (_, { page }) => ({ state: { page }, reply: null }),
})

/** Writes 36 MB, a part after the other. */
async function writeMuch(runtime: Runtime, afterPart = async () => {}): Promise<void> {
  for (let part = 0; part < 12; part++) {
    const pages = Array.from({ length: 50 }, () => randomBytes(45_000).toString('base64'))
    await Promise.all(pages.map((page, n) => runtime.engine.ask({ kind: 'diary', key: `d${n}` }, { page })))
    await afterPart()
  }
}

const counter = defineActor({
  kind: 'counter',
  message: z.object({ add: z.number() }),
  initial: () => ({ total: 0 }),
  receive: (state, { add }) => ({ state: { total: state.total + add }, reply: state.total + add }),
})

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-replica-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

async function open(data: string, { url, environment }: Pick<S3Double, 'url' | 'environment'>): Promise<Runtime> {
  const config = await loadConfig({ folder: data, data, environment })
  const replica = { url, every: 0.02 }
  const runtime = await createRuntime({ ...config, replica, embedder: 'none' }, { actors: [counter, diary] })
  onTestFinished(() => runtime.stop({ grace: 0 }))
  return runtime
}

const add = (runtime: Runtime, key: string, amount = 1) =>
  runtime.engine.ask({ kind: 'counter', key }, { add: amount }) as Promise<number>

/** Resolves when the copy lacks nothing. */
async function untilWhole(runtime: Runtime): Promise<void> {
  await runtime.idle()
  await vi.waitFor(() => expect(runtime.status().replica).toMatchObject({ behind: 0, at: expect.any(Number) }), 10_000)
}

/** Adds one, and waits for its segment: an answer may come before its flush. */
async function addAndSend(runtime: Runtime, bucket: S3Double): Promise<void> {
  const segments = () => bucket.seen.filter((one) => /PUT .*\/copies\/[^/]+\/\d/.test(one)).length
  const before = segments()
  await add(runtime, 'a')
  await vi.waitFor(() => expect(segments()).toBeGreaterThan(before), 10_000)
  await untilWhole(runtime)
}

const verify = (bucket: S3Double, until?: number) =>
  restoreReplica(bucket.address(), { ...TABLES, ...(until !== undefined && { until }) })

async function restored(bucket: S3Double, until?: number): Promise<Runtime> {
  const data = join(await newFolder(), 'data')
  await restoreReplica(bucket.address(), { ...TABLES, folder: data, ...(until !== undefined && { until }) })
  return open(data, bucket)
}

const copiesIn = ({ objects }: S3Double) =>
  new Set([...objects.keys()].filter((key) => key.includes('/copies/')).map((key) => key.split('/')[3]))

test('a lost machine: what its base and its segments have is there again, on another one', async () => {
  const bucket = await openS3Double()
  const first = await open(await newFolder(), bucket)
  await add(first, 'a')
  await untilWhole(first)
  for (let n = 0; n < 30; n++) await add(first, `key-${n % 7}`)
  await untilWhole(first)
  const found = await verify(bucket)
  expect(found.segments).toBeGreaterThan(0)
  const second = await restored(bucket)
  expect(await add(second, 'a', 0)).toBe(1)
  expect(await add(second, 'key-0', 0)).toBe(5)
  await untilWhole(second)
  // the new owner's copy is the only one that is left
  expect(copiesIn(bucket).size).toBe(1)
})

test('an old owner that reaches the replica stops, and says why', async () => {
  const bucket = await openS3Double()
  const old = await open(await newFolder(), bucket)
  await add(old, 'a')
  await untilWhole(old)
  const next = await restored(bucket)
  await add(old, 'a').catch(() => {})
  await vi.waitFor(() => expect(() => add(old, 'a')).rejects.toMatchObject({ code: 'fenced' }), 10_000)
  expect(old.status().replica?.problem?.message).toContain('Another owner has taken over')
  // what the old owner did in the meantime is not in the copy
  expect(await add(next, 'a', 0)).toBe(1)
})

test('an old owner stops when it is idle, and when its changes never end', async () => {
  const bucket = await openS3Double()
  const old = await open(await newFolder(), bucket)
  await untilWhole(old)
  const second = await restored(bucket)
  await vi.waitFor(() => expect(old.status().replica?.problem).toMatchObject({ code: 'fenced' }), 10_000)
  await untilWhole(second)
  let isWriting = true
  const writing = (async () => {
    while (isWriting) await add(second, 'a').catch(() => (isWriting = false))
  })()
  await restored(bucket)
  await vi.waitFor(() => expect(second.status().replica?.problem).toMatchObject({ code: 'fenced' }), 10_000)
  isWriting = false
  await writing
})

test('a restore that cannot be made stops no owner', async () => {
  const bucket = await openS3Double()
  const data = await newFolder()
  const runtime = await open(data, bucket)
  await untilWhole(runtime)
  const claims = () => [...bucket.objects.keys()].filter((key) => key.includes('/claims/'))
  const before = claims()
  const folder = join(await newFolder(), 'data')
  await expect(restoreReplica(bucket.address(), { ...TABLES, folder: data })).rejects.toThrow('is not empty')
  await expect(restoreReplica(bucket.address(), { ...TABLES, folder, until: 1 })).rejects.toThrow('later than --at')
  const [base] = [...bucket.objects.keys()].filter((key) => key.includes('/base-'))
  bucket.objects.set(base!, Buffer.from('torn'))
  await expect(restoreReplica(bucket.address(), { ...TABLES, folder })).rejects.toMatchObject({ code: 'damaged' })
  expect(claims()).toEqual(before)
})

test('blobs and memories that the target has lost are missed', async () => {
  const bucket = await openS3Double()
  const runtime = await open(await newFolder(), bucket)
  await untilWhole(runtime)
  const note = randomBytes(60_000).toString('base64')
  await runtime.files.add(Buffer.from(note), { name: 'note.txt' })
  await addAndSend(runtime, bucket)
  const blob = [...bucket.objects.keys()].find((key) => key.includes('/blobs/'))!
  const body = bucket.objects.get(blob)!
  bucket.objects.delete(blob)
  const lost = await verify(bucket).catch((error) => error)
  expect(lost).toMatchObject({ code: 'damaged', hint: expect.stringContaining('--at') })
  // what comes before it is whole
  expect(await verify(bucket, Date.parse(/--at (\S+)/.exec(lost.hint)![1]!))).toMatchObject({ faults: [] })
  bucket.objects.set(blob, body)
  await runtime.memory('ada').add([{ text: 'a kiln' }])
  await vi.waitFor(() => expect(memoriesIn(bucket)).toHaveLength(1), 10_000)
  await addAndSend(runtime, bucket)
  bucket.objects.delete(memoriesIn(bucket)[0]!)
  await expect(verify(bucket)).rejects.toMatchObject({ code: 'damaged' })
})

test('a late write of an old owner lies under its own name and is not read', async () => {
  const bucket = await openS3Double()
  const old = await open(await newFolder(), bucket)
  await add(old, 'a')
  await untilWhole(old)
  const before = new Map(bucket.objects)
  const next = await restored(bucket)
  await add(next, 'b')
  await untilWhole(next)
  for (const [key, body] of before) if (key.includes('/copies/')) bucket.objects.set(key, body)
  const third = await restored(bucket)
  expect(await add(third, 'b', 0)).toBe(1)
})

test('a start over an empty folder does not touch the copy of another one', async () => {
  const bucket = await openS3Double()
  const first = await open(await newFolder(), bucket)
  await add(first, 'a')
  await untilWhole(first)
  await first.stop()
  const before = new Map(bucket.objects)
  const stranger = await open(await newFolder(), bucket)
  await add(stranger, 'b')
  await vi.waitFor(() => expect(stranger.status().replica?.problem).toMatchObject({ code: 'foreign_replica' }), 10_000)
  // work goes on
  expect(await add(stranger, 'b')).toBe(2)
  await stranger.stop()
  expect(bucket.objects).toEqual(before)
})

test('objects of others under the prefix are left alone', async () => {
  const bucket = await openS3Double()
  for (const key of ['shop/photo.jpg', 'shop/copies/0']) bucket.objects.set(key, Buffer.from('not ours'))
  const runtime = await open(await newFolder(), bucket)
  await add(runtime, 'a')
  await untilWhole(runtime)
  expect([...bucket.objects.keys()]).toEqual(expect.arrayContaining(['shop/photo.jpg', 'shop/copies/0']))
})

test('a target that is full, slow or gone stops no work, and is caught up later', async () => {
  const bucket = await openS3Double()
  const runtime = await open(await newFolder(), bucket)
  await add(runtime, 'a')
  await untilWhole(runtime)
  bucket.fail((method) => (method === 'PUT' ? 'full' : undefined))
  expect(await add(runtime, 'a')).toBe(2)
  await vi.waitFor(() => expect(runtime.status().replica?.problem).toMatchObject({ code: 'storage' }), 20_000)
  expect(runtime.status().replica!.behind).toBeGreaterThan(0)
  expect(JSON.stringify(runtime.status())).not.toContain(bucket.environment.AWS_SECRET_ACCESS_KEY)
  bucket.fail((_method, key) => (key.includes('copies') && Math.random() < 0.3 ? 'lost' : undefined))
  expect(await add(runtime, 'a')).toBe(3)
  await untilWhole(runtime)
  bucket.fail(() => undefined)
  const next = await restored(bucket)
  expect(await add(next, 'a', 0)).toBe(3)
})

test('a target that never answers stops no work, and delays the end no longer than it may', async () => {
  const bucket = await openS3Double()
  const runtime = await open(await newFolder(), bucket)
  await untilWhole(runtime)
  bucket.fail(() => 'slow')
  for (let n = 1; n <= 20; n++) expect(await add(runtime, 'a')).toBe(n)
  await vi.waitFor(() => expect(runtime.status().replica!.behind).toBeGreaterThan(0), 10_000)
  const begun = performance.now()
  await runtime.stop({ grace: 300 })
  expect(performance.now() - begun).toBeLessThan(5_000)
  bucket.fail(() => undefined)
  expect(await verify(bucket)).toMatchObject({ faults: [] })
})

test('a target that lies or tears is found out before anything is restored', async () => {
  for (const fault of ['lies', 'torn'] as const) {
    const bucket = await openS3Double()
    const runtime = await open(await newFolder(), bucket)
    await add(runtime, 'a')
    await untilWhole(runtime)
    await addAndSend(runtime, bucket)
    bucket.fail((method, key) => (method === 'PUT' && /\/copies\/[^/]+\/\d/.test(key) ? fault : undefined))
    await addAndSend(runtime, bucket)
    bucket.fail(() => undefined)
    await addAndSend(runtime, bucket)
    const { code, hint } = await verify(bucket).catch((error) => error)
    expect(code).toBe('damaged')
    await expect(restored(bucket)).rejects.toMatchObject({ code: 'damaged' })
    const whole = Date.parse(/--at (\S+)/.exec(hint)![1]!)
    expect(await verify(bucket, whole)).toMatchObject({ end: whole })
    expect(await add(await restored(bucket, whole), 'a', 0)).toBe(2)
  }
})

test('an old segment in the place of a newer one is found out', async () => {
  const bucket = await openS3Double()
  const runtime = await open(await newFolder(), bucket)
  await untilWhole(runtime)
  for (let n = 0; n < 3; n++) await addAndSend(runtime, bucket)
  const segments = [...bucket.objects.keys()].filter((key) => /\/copies\/[^/]+\/\d/.test(key)).sort()
  bucket.objects.set(segments[2]!.replace(/[0-9a-f]{64}$/, segments[1]!.slice(-64)), bucket.objects.get(segments[1]!)!)
  bucket.objects.delete(segments[2]!)
  await expect(restored(bucket)).rejects.toMatchObject({ code: 'damaged' })
})

/** Objects of the copy that hold a text. */
const holders = ({ objects }: S3Double, text: string) =>
  [...objects].filter(([key, body]) => key.includes('/copies/') && body.includes(text)).map(([key]) => key)

const memoriesIn = ({ objects }: S3Double) => [...objects.keys()].filter((key) => key.includes('/memory/'))

test('memories that are younger than the base are copied, the newest copy only, and are there again', async () => {
  const bucket = await openS3Double()
  const runtime = await open(await newFolder(), bucket)
  await runtime.memory('ada').add([{ text: 'a kiln' }])
  await untilWhole(runtime)
  for (const text of ['a lathe', 'a loom']) {
    await runtime.memory('ada').add([{ text }])
    await untilWhole(runtime)
  }
  const [key = '', ...older] = memoriesIn(bucket)
  expect(older).toEqual([])
  const whole = bucket.objects.get(key)!
  bucket.objects.set(key, whole.subarray(0, 100))
  await expect(verify(bucket)).rejects.toMatchObject({ code: 'damaged' })
  bucket.objects.set(key, whole)
  const texts = async (of: Runtime) => (await of.memory('ada').list()).map(({ text }) => text).sort()
  const next = await restored(bucket)
  expect(await texts(next)).toEqual(['a kiln', 'a lathe', 'a loom'])
})

test('an erasure makes a new base, and no older object is left', async () => {
  const bucket = await openS3Double()
  const runtime = await open(await newFolder(), bucket)
  await untilWhole(runtime)
  await runtime.memory('ada').add([{ text: 'xyloglyph' }])
  await untilWhole(runtime)
  expect(holders(bucket, 'xyloglyph')).not.toEqual([])
  const [before] = copiesIn(bucket)
  expect(await runtime.erasures.forget('ada')).toMatchObject({ status: 'done' })
  await vi.waitFor(() => expect(copiesIn(bucket).has(before)).toBe(false), 10_000)
  await untilWhole(runtime)
  expect(holders(bucket, 'xyloglyph')).toEqual([])
})

test('more writes than memory holds become another base once the target is back', async () => {
  const bucket = await openS3Double()
  const runtime = await open(await newFolder(), bucket)
  await untilWhole(runtime)
  const [before] = copiesIn(bucket)
  bucket.fail((method) => (method === 'PUT' ? 'full' : undefined))
  await writeMuch(runtime)
  await add(runtime, 'a')
  bucket.fail(() => undefined)
  await vi.waitFor(() => expect(copiesIn(bucket).has(before)).toBe(false), 20_000)
  await untilWhole(runtime)
  expect(await add(await restored(bucket), 'a', 0)).toBe(1)
})

test('segments that are longer than their base become another base', async () => {
  const bucket = await openS3Double()
  const runtime = await open(await newFolder(), bucket)
  await untilWhole(runtime)
  const [before] = copiesIn(bucket)
  await writeMuch(runtime, () => untilWhole(runtime))
  await vi.waitFor(() => expect(copiesIn(bucket).has(before)).toBe(false), 20_000)
  await add(runtime, 'a')
  await untilWhole(runtime)
  expect(await add(await restored(bucket), 'a', 0)).toBe(1)
})
