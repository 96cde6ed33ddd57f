import { createHash, randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { cursorOfFile } from '../../src/file/room/open-port.ts'
import { openFolder } from '../runtime/inspect/folder.ts'

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex')

async function* inPieces(bytes: Uint8Array, length = 1000) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

const wholeOf = async (content: AsyncIterable<Uint8Array>) => {
  const pieces: Uint8Array[] = []
  for await (const piece of content) pieces.push(piece)
  return Buffer.concat(pieces)
}

it('a file is found again by its id, whole and in ranges', async () => {
  const { files } = await openFolder().open()
  const bytes = Buffer.concat([PNG, randomBytes(700_000)])
  const added = await files.add(inPieces(bytes), { name: 'in/a/folder\\photo.png', use: 'thread/main' })
  const file = `file_${hashOf(bytes)}`
  expect(added).toEqual({
    ...{ file, type: 'image/png', name: 'photo.png', bytes: bytes.length },
    ...{ at: expect.any(Number), uses: ['thread/main'] },
  })
  expect(await files.get(file)).toEqual(added)
  expect(bytes.equals(await files.read(file, { max: bytes.length }))).toBe(true)
  const opened = await files.open(file, { start: 500_000, end: 600_000 })
  expect(opened).toMatchObject({ file, start: 500_000, end: 600_000 })
  expect(bytes.subarray(500_000, 600_000).equals(await wholeOf(opened.content()))).toBe(true)
  await expect(files.read(file, { max: 1000 })).rejects.toMatchObject({ code: 'file_too_large' })
  await expect(files.open(file, { start: bytes.length + 1 })).rejects.toMatchObject({ code: 'invalid_input' })
})

it('a file opens for its owner alone', async () => {
  const { files } = await openFolder().open()
  const { file } = await files.add(PNG, { owner: 'ann' })
  const refused = await Promise.allSettled([
    files.get(file),
    files.open(file, { owner: 'bob' }),
    files.read(file, { owner: 'bob', max: 1000 }),
    files.resolve([file], { owner: 'bob' }),
    files.remove(file, { owner: 'bob' }),
    files.get('gate', { owner: 'ann' }),
    files.resolve(['../gate'], { owner: 'ann' }),
  ])
  for (const one of refused) expect(one).toMatchObject({ reason: { name: 'NotFoundError', code: 'file_not_found' } })
  expect(await files.list({ owner: 'bob' })).toEqual([])
  expect(await files.resolve([file, { file }], { owner: 'ann', use: 'run/r1' })).toEqual([
    { file, type: 'image/png', name: 'file', bytes: PNG.length },
    { file, type: 'image/png', name: 'file', bytes: PNG.length },
  ])
  expect((await files.get(file, { owner: 'ann' })).uses).toEqual(['run/r1'])
})

it('lists the newest first, in pages, and by use', async () => {
  const { files } = await openFolder().open()
  const names = ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt']
  for (const name of names) await files.add(Buffer.from(name), { name, ...(name < 'c' && { use: 'run/r1' }) })
  const all = await files.list()
  expect(all.map(({ name }) => name).toSorted()).toEqual(names)
  expect(all.map(({ at }) => at)).toEqual(all.map(({ at }) => at).toSorted((a, b) => b - a))
  const first = await files.list({ limit: 2 })
  const rest = await files.list({ after: cursorOfFile(first.at(-1)!) })
  expect([...first, ...rest]).toEqual(all)
  expect((await files.list({ use: 'run/r1' })).map(({ name }) => name).toSorted()).toEqual(['a.txt', 'b.txt'])
})

it('the same content is one file with its first name, and counts once', async () => {
  const folder = openFolder()
  folder.write('antiphon.yaml', 'files: { owner: 0.002 }\n')
  const { files } = await folder.open()
  const bytes = randomBytes(1500)
  await files.add(bytes, { name: 'one', use: 'run/1' })
  expect(await files.add(bytes, { name: 'two', use: 'run/2' })).toMatchObject({ name: 'one', uses: ['run/1', 'run/2'] })
  await files.add(randomBytes(500), { name: 'three' })
  await expect(files.add(randomBytes(500))).rejects.toMatchObject({ code: 'file_quota' })
})

it('a file that came without a name gets the first one that it is added with', async () => {
  const { files } = await openFolder().open()
  const { file } = await files.add(Buffer.from('a,b\n1,2\n'))
  expect(await files.add(Buffer.from('a,b\n1,2\n'), { name: 'sums.csv' })).toMatchObject({
    file,
    name: 'sums.csv',
    type: 'text/csv',
  })
  await files.add(Buffer.from('a,b\n1,2\n'))
  expect(await files.get(file)).toMatchObject({ name: 'sums.csv', type: 'text/csv' })
})

it('uploads at the same time do not pass the quota of their owner', async () => {
  const folder = openFolder()
  folder.write('antiphon.yaml', 'files: { owner: 0.1 }\n')
  const { files } = await folder.open()
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => files.add(inPieces(randomBytes(30_000)))))
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  expect(blobsIn(folder.path('.antiphon/blobs'))).toHaveLength(3)
})

it('all owners together do not pass the quota of the folder, and a removed file makes room', async () => {
  const folder = openFolder()
  folder.write('antiphon.yaml', 'files: { folder: 0.1 }\n')
  const { files } = await folder.open()
  const owners = ['ann', 'bob', 'cid', 'dan', 'eve']
  const results = await Promise.allSettled(owners.map((owner) => files.add(inPieces(randomBytes(30_000)), { owner })))
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  const owner = owners.find((_, at) => results[at]!.status === 'fulfilled')!
  await files.remove((await files.list({ owner }))[0]!.file, { owner })
  await files.add(randomBytes(30_000), { owner: 'fay' })
  await expect(files.add(randomBytes(30_000), { owner: 'gus' })).rejects.toMatchObject({ code: 'file_quota' })
})

it('an upload that is too large or cut off leaves nothing', async () => {
  const folder = openFolder()
  folder.write('antiphon.yaml', 'files: { max: 0.1 }\n')
  const { files } = await folder.open()
  await expect(files.add(inPieces(randomBytes(200_000)))).rejects.toMatchObject({ code: 'file_too_large' })
  const cut = new AbortController()
  async function* slow() {
    yield randomBytes(50_000)
    cut.abort(new Error('gone'))
    yield randomBytes(10)
  }
  await expect(files.add(slow(), { signal: cut.signal })).rejects.toThrow('gone')
  await expect(files.add(PNG, { name: 'letter.pdf' })).rejects.toMatchObject({
    code: 'file_type',
    message: 'letter.pdf has the content of image/png, but its name says application/pdf.',
  })
  expect(await files.list()).toEqual([])
  expect(blobsIn(folder.path('.antiphon/blobs'))).toEqual([])
})

/** The files of a store of values. */
const blobsIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)

it('the verdicts of servers belong to the record of a file, and so to its owner', async () => {
  const { files } = await openFolder().open()
  const { file } = await files.add(PNG, { name: 'a.png', owner: 'ann' })
  const [anns, bobs] = [files.verdicts('ann'), files.verdicts('bob')]
  await anns.note('lab', [file], 'Could not process image')
  // bob has no such file
  await bobs.note('lab', [file])
  expect([...(await bobs.find('lab', [file]))]).toEqual([])
  expect([...(await anns.find('other', [file]))]).toEqual([])
  const refused = { words: 'Could not process image', at: await anns.lastRefusal(file) }
  expect([...(await anns.find('lab', [file]))]).toEqual([[file, { refused }]])
  await anns.note('lab', [file])
  expect([...(await anns.find('lab', [file]))]).toEqual([[file, { taken: true, refused }]])
  await files.remove(file, { owner: 'ann' })
  await files.add(PNG, { name: 'a.png', owner: 'ann' })
  expect([...(await anns.find('lab', [file]))]).toEqual([])
})
