import { createReadStream, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createClient as overNetwork } from '../../../src/client.ts'
import { createClient } from '../../../src/http/client/client.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { identifyByKey } from '../../../src/http/server/authenticate.ts'
import { serve } from '../../../src/http/server/serve.ts'
import { fileIdOf } from '../../../src/lib/media/file-ref.ts'
import { pictureSize } from '../../../src/lib/media/picture-size.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'
import { missingOf, picture } from '../../source/media/make.ts'
import { collect } from '../bench.ts'

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex')
const bytes = (text: string) => new TextEncoder().encode(text)

/** A folder with an app, and a client for each key. */
async function openDoor(yaml = '') {
  const folder = openFolder()
  folder.write('antiphon.yaml', yaml)
  const runtime = await folder.open()
  const app = createApp(runtime, { identify: identifyByKey(runtime.access) })
  const keyOf = async (owner: string, scopes: readonly ('talk' | 'read' | 'admin' | 'approve')[]) =>
    (await runtime.access.keys.create({ name: owner, owner, scopes })).token
  const clientFor = async (...of: Parameters<typeof keyOf>) => {
    const authorization = `Bearer ${await keyOf(...of)}`
    return createClient((request) => app.fetch(request), { base: 'http://antiphon', headers: { authorization } })
  }
  return { ...folder, runtime, app, keyOf, clientFor }
}

it('a file is added, read whole and in parts, listed and removed', async () => {
  const { clientFor, path } = await openDoor()
  const { files, each } = await clientFor('ann', ['talk'])
  const first = await files.add(new File([PNG], 'photo.png', { type: 'text/html' }))
  expect(first).toMatchObject({ name: 'photo.png', type: 'image/png', bytes: PNG.byteLength, uses: [] })
  writeFileSync(path('notes.md'), 'The ship leaves at noon.\n')
  const notes = await files.add(createReadStream(path('notes.md')), { name: path('notes.md') })
  expect(notes.name).toBe('notes.md')
  expect(await files.get(notes.file)).toEqual(notes)
  expect(Buffer.from(await files.read(notes.file, { max: 100 })).toString()).toBe('The ship leaves at noon.\n')
  await expect(files.read(notes.file, { max: 10 })).rejects.toMatchObject({ code: 'file_too_large' })
  const opened = await files.open(notes.file, { start: 4, end: 8 })
  for (const _ of [1, 2]) expect(Buffer.concat(await collect(opened.content())).toString()).toBe('ship')
  expect((await files.list()).map(({ file }) => file).sort()).toEqual([first.file, notes.file].sort())
  expect(await collect(each('files', { limit: 1 }))).toHaveLength(2)
  await files.remove(notes.file)
  await expect(files.get(notes.file)).rejects.toMatchObject({ code: 'file_not_found' })
})

it('a question names stored files by their ids', async () => {
  const { runtime, clientFor } = await openDoor('model: offline/extractive\n')
  const { files } = await clientFor('ann', ['talk'])
  const { file } = await files.add(bytes('The ship leaves at noon.\n'), { name: 'notes.md' })
  const asking = createClient(
    (request) => createApp(runtime, { identify: () => ({ owner: 'ann', scopes: ['ask'] }) as never }).fetch(request),
    { base: 'http://antiphon' },
  )
  const ask = (id: string) => asking.threads.ask({ thread: 'ann:t', prompt: 'When does the ship leave?', files: [id] })
  expect((await ask(file)).answer).toContain('noon')
  await expect(ask(fileIdOf('0'.repeat(64)))).rejects.toMatchObject({ code: 'file_not_found' })
})

it("another owner's file looks like a missing one, whoever names it", async () => {
  const { clientFor, app, keyOf } = await openDoor()
  const { file } = await (await clientFor('ann', ['talk'])).files.add(bytes('secret'), { name: 'a.txt' })
  const { files } = await clientFor('bob', ['talk', 'read'])
  const missing = fileIdOf('0'.repeat(64))
  for (const id of [file, missing]) {
    const refused = expect.objectContaining({ code: 'file_not_found' })
    await expect(files.get(id)).rejects.toEqual(refused)
    await expect(files.remove(id)).rejects.toEqual(refused)
    const headers = { authorization: `Bearer ${await keyOf('bob', ['read'])}` }
    for (const more of [{}, { range: 'bytes=0-1' }, { 'if-none-match': `"${id}"` }])
      expect((await app.request(`/v1/files/${id}`, { headers: { ...headers, ...more } })).status).toBe(404)
  }
  await expect(files.get(file, { owner: 'ann' })).rejects.toMatchObject({ code: 'scope_missing' })
  expect(await files.list()).toEqual([])
})

it('the same content of two owners is two files, and one goes without the other', async () => {
  const { clientFor } = await openDoor()
  const [ann, bob, admin] = await Promise.all([
    clientFor('ann', ['talk']),
    clientFor('bob', ['talk']),
    clientFor('eva', ['admin']),
  ])
  const { file } = await ann.files.add(bytes('the same'), { name: 'a.txt' })
  expect(await bob.files.add(bytes('the same'), { name: 'b.txt' })).toMatchObject({ file, name: 'b.txt' })
  await ann.files.remove(file)
  expect(await bob.files.read(file, { max: 100 })).toHaveLength(8)
  expect(await admin.files.list({ owner: 'bob' })).toHaveLength(1)
  expect(await admin.files.read(file, { owner: 'bob', max: 100 })).toHaveLength(8)
  await admin.files.add(bytes('from eva'), { owner: 'ann' })
  expect(await ann.files.list()).toHaveLength(1)
})

it('an upload that is too large, too slow or cut off leaves nothing', async () => {
  const { clientFor, app, keyOf } = await openDoor('files: { max: 0.01 }\n')
  const { files } = await clientFor('ann', ['talk'])
  await expect(files.add(new Uint8Array(20_000))).rejects.toMatchObject({ code: 'file_too_large' })
  let read = 0
  async function* endless() {
    for (; read < 1000; read++) yield new Uint8Array(1000)
  }
  await expect(files.add(endless())).rejects.toMatchObject({ code: 'file_too_large' })
  expect(read).toBeLessThan(100)
  const headers = { authorization: `Bearer ${await keyOf('ann', ['talk'])}` }
  const short = await app.request('/v1/files', {
    ...{ method: 'PUT', headers: { ...headers, 'content-length': '9' }, body: bytes('short') },
  })
  expect([short.status, await short.json()]).toMatchObject([400, { detail: 'The body broke off.' }])
  const named = await app.request('/v1/files?name=a.png', { method: 'PUT', headers, body: bytes('%PDF-1.7\n') })
  expect([named.status, await named.json()]).toMatchObject([400, { code: 'file_type' }])
  expect(await files.list()).toEqual([])
})

it('a client that goes away while it uploads leaves nothing', async () => {
  const { runtime, clientFor } = await openDoor()
  const { files } = await clientFor('local', ['talk'])
  const door = await serve(createApp(runtime), { host: '127.0.0.1', port: 0 })
  try {
    const sent = Promise.withResolvers<void>()
    const leaving = new AbortController()
    async function* halves() {
      yield new Uint8Array(100_000)
      sent.resolve()
      await new Promise(() => {})
    }
    const client = overNetwork({ url: `http://127.0.0.1:${door.port}` })
    const added = client.files.add(halves(), { signal: leaving.signal })
    await sent.promise
    leaving.abort()
    await expect(added).rejects.toThrow()
    expect(await client.files.add(new Blob(['whole']), { name: 'a.txt' })).toMatchObject({ bytes: 5 })
    expect(await files.list()).toHaveLength(1)
  } finally {
    await door.close()
  }
})

it('names of conversations in a list are those of the caller', async () => {
  const { runtime, clientFor } = await openDoor()
  const { file } = await runtime.files.add(bytes('{}'), { owner: 'ann', use: 'thread/ann:letters' })
  const { files } = await clientFor('ann', ['talk'])
  const { uses } = await files.get(file)
  expect(uses).toEqual(['thread/letters'])
  expect(await files.list({ use: 'thread/letters' })).toHaveLength(1)
  expect(await files.list({ use: 'thread/other' })).toEqual([])
})

const missing = missingOf('ffmpeg')

it.skipIf(missing)(
  `a picture has a thumbnail that a browser may show${missing ? `, without ${missing}` : ''}`,
  async () => {
    const { clientFor, app, keyOf } = await openDoor()
    const { files } = await clientFor('ann', ['talk'])
    const { path } = picture('large.png', ['Total 900 EUR'])
    const { file } = await files.add(createReadStream(path), { name: 'large.png' })
    const { type, data } = await files.thumbnail(file)
    expect(type).toBe('image/png')
    expect(pictureSize(type, data)).toMatchObject({ width: 320 })
    expect((await files.get(file)).bytes).toBeGreaterThan(data.length)
    const headers = { authorization: `Bearer ${await keyOf('ann', ['read'])}` }
    const shown = await app.request(`/v1/files/${file}/thumbnail`, { headers })
    expect(Buffer.from(await shown.arrayBuffer())).toEqual(Buffer.from(data))
    expect(Object.fromEntries(shown.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      etag: `"${file}-thumbnail"`,
    })
    const other = { authorization: `Bearer ${await keyOf('bob', ['read'])}` }
    expect((await app.request(`/v1/files/${file}/thumbnail`, { headers: other })).status).toBe(404)
  },
)

it('files that cannot be made smaller have no thumbnail', async () => {
  const { clientFor } = await openDoor()
  const { files } = await clientFor('ann', ['talk'])
  const notes = await files.add(bytes('secret'), { name: 'a.txt' })
  const broken = await files.add(PNG, { name: 'photo.png' })
  for (const { file } of [notes, broken])
    await expect(files.thumbnail(file)).rejects.toMatchObject({ code: 'no_thumbnail' })
})
