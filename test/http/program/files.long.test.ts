import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { FetchHandler } from '../../../src/http/program/handler.ts'
import { ANN, openMounts } from './mounts.ts'
import { makeProject, startIn } from './programs.ts'

const MIB = 1024 * 1024
const text = new TextEncoder().encode('The ship leaves at noon.\n')

async function* megabytes(count: number) {
  for (let at = 0; at < count; at++) yield new Uint8Array(MIB).fill(at)
}

const put = (handler: FetchHandler, content: Uint8Array | AsyncIterable<Uint8Array>, headers: object = ANN) =>
  handler(
    new Request('https://shop.example/v1/files?name=big.bin', {
      ...{ method: 'PUT', duplex: 'half', headers: { ...headers } },
      body: (content instanceof Uint8Array ? content : ReadableStream.from(content)) as ReadableStream,
    }),
  )

const get = (handler: FetchHandler, file: string, headers: object = ANN) =>
  handler(new Request(`https://shop.example/v1/files/${file}`, { headers: { ...headers } }))

it('a visitor uploads up to 20 MiB, and reads only what is its own', async () => {
  const { handler } = await openMounts({ serve: { concurrent: 2 } })
  const door = handler({ owner: ({ headers }) => headers.get('user') })
  const added = await put(door, megabytes(20))
  expect(added.status).toBe(200)
  const { file } = (await added.json()) as { readonly file: string }
  const large = await put(door, megabytes(21))
  expect([large.status, await large.json()]).toMatchObject([413, { code: 'file_too_large' }])
  expect((await put(door, text, {})).status).toBe(401)
  expect((await get(door, file, { user: 'bob' })).status).toBe(404)
  // a download takes a place until it was read or given up
  const [first, second] = [await get(door, file), await get(door, file)]
  expect((await get(door, file)).status).toBe(429)
  await second.body!.cancel()
  expect((await first.arrayBuffer()).byteLength).toBe(20 * MIB)
  const again = await get(door, file)
  expect([again.status, again.headers.get('content-disposition')]).toEqual([200, expect.stringMatching(/^attachment/)])
  await again.body!.cancel()
})

it('a page of another origin uploads nothing with the session of a visitor', async () => {
  const { handler } = await openMounts()
  const door = handler({ owner: ({ headers }) => headers.get('user') })
  const evil = { ...ANN, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  expect((await put(door, text, evil)).status).toBe(403)
})

it('a program adds paths and streams, also through the process that owns the folder', async () => {
  const folder = await makeProject('')
  const owner = await startIn(folder, [], {})
  const other = await startIn(folder, [], {})
  expect(other.runtime).toBeUndefined()
  const path = join(folder, 'notes.txt')
  writeFileSync(path, text)
  for (const app of [owner, other]) {
    const { file, name } = await app.files.add(path)
    expect(name).toBe('notes.txt')
    expect(Buffer.from(await app.files.read(file, { max: 100 }))).toEqual(Buffer.from(text))
    await expect(app.files.add(join(folder, 'none'))).rejects.toThrow('There is no file')
    await expect(app.files.add(folder)).rejects.toThrow('got the folder')
    const big = await app.files.add(megabytes(30), { owner: 'ann', name: 'big.bin' })
    expect((await app.files.read(big.file, { owner: 'ann', max: 40 * MIB })).byteLength).toBe(30 * MIB)
    await app.files.remove(big.file, { owner: 'ann' })
  }
})

it('a standby passes uploads and downloads on as streams', async () => {
  const folder = await makeProject('')
  await startIn(folder, [], {})
  const standby = await startIn(folder, [], {})
  const door = standby.handler({ owner: ({ headers }) => headers.get('user') })
  const added = await put(door, megabytes(5))
  const { file } = (await added.json()) as { readonly file: string }
  const whole = await get(door, file)
  expect((await whole.arrayBuffer()).byteLength).toBe(5 * MIB)
  expect((await get(door, file, { ...ANN, range: 'bytes=1-2' })).headers.get('content-range')).toMatch(/^bytes 1-2\//)
  expect((await get(door, file, { user: 'bob' })).status).toBe(404)
  async function* broken() {
    yield* megabytes(1)
    throw new Error('the visitor has gone')
  }
  const cut = await put(door, broken()).catch((error: unknown) => error)
  expect(cut instanceof Response ? cut.ok : false).toBe(false)
  expect(await standby.files.list({ owner: 'ann' })).toHaveLength(1)
})
