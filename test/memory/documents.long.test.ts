import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeDocx, makePdf } from '../source/make-files.ts'
import { openFile } from './folder.ts'

const PAST = new Date('2026-01-01')

/** A folder of documents. Files are older than the time in which a file may change unnoticed, unless it is said. */
function openDocs(files: { readonly [name: string]: string | Buffer }) {
  const docs = realpathSync(mkdtempSync(join(tmpdir(), 'docs-')))
  onTestFinished(() => rmSync(docs, { recursive: true }))
  const write = (name: string, content: string | Buffer, at = PAST) => {
    mkdirSync(dirname(join(docs, name)), { recursive: true })
    writeFileSync(join(docs, name), content)
    utimesSync(join(docs, name), at, at)
  }
  for (const [name, content] of Object.entries(files)) write(name, content)
  return { docs, write, at: (name: string) => join(docs, name) }
}

const GUIDE = '# Kiln\n\nThe kiln reaches 900 degrees.\n\n## Glaze\n\nThe glaze is blue.\n'

test('passages of a folder are found with their places, also by their headings', async () => {
  const page = '<html><body><article><h1>Harbour</h1><p>The ferry leaves at nine.</p></article></body></html>'
  const files = {
    'guide.md': GUIDE,
    'page.html': page,
    'sub/scan.pdf': makePdf(['The lamp burns oil.', 'The keeper is Ada.']),
    'sub/letter.docx': makeDocx(['The bridge was built in 1871.']),
    'x.bin': Buffer.from([0, 1, 2, 0xff]),
    'broken.pdf': '%PDF-1.4 broken',
  }
  const { docs, at } = openDocs(files)
  const ada = openFile().memory()
  const report = await ada.sources.add({ path: docs, space: 'work' })
  expect(report).toMatchObject({ read: 4, same: 0, dropped: 0, added: 6, removed: 0, left: 0, change: 1 })
  expect(report.skipped).toEqual([
    { ref: at('broken.pdf'), reason: 'it is a broken PDF' },
    { ref: at('x.bin'), reason: 'it is not a text file' },
  ])
  const find = async (text: string) => (await ada.search({ text, space: 'work' })).records[0]
  expect(await find('glaze blue')).toMatchObject({
    kind: 'passage',
    data: { heading: 'Kiln › Glaze' },
    source: { type: 'file', ref: at('guide.md'), at: 'L7' },
  })
  expect(await find('keeper')).toMatchObject({ source: { ref: at('sub/scan.pdf'), at: 'page=2' } })
  expect(await find('bridge')).toMatchObject({
    source: { ref: at('sub/letter.docx'), at: expect.stringContaining(':~:') },
  })
  expect(await find('ferry')).toMatchObject({ source: { ref: at('page.html') } })
  // the heading alone finds the passage
  expect((await find('Glaze'))?.text).toBe('The glaze is blue.')
  expect(
    (await ada.sources.list({ below: at('sub') })).map(({ ref, records, space }) => [ref, records, space]),
  ).toEqual([
    [at('sub/letter.docx'), 1, 'work'],
    [at('sub/scan.pdf'), 2, 'work'],
  ])
  expect(await ada.sources.list({ below: at('x.bin') })).toMatchObject([{ status: 'unread', records: 0 }])
})

test('a folder that is added again reads what changed and drops what is gone', async () => {
  const { docs, write, at } = openDocs({
    'a.md': 'The first text.',
    'b.md': 'The second text.',
    'c.md': 'The third text.',
  })
  const ada = openFile().memory()
  await ada.sources.add({ path: docs, space: 'work' })
  expect(await ada.sources.add({ path: docs })).toEqual({ ...NOTHING, same: 3 })
  const [first] = (await ada.search({ text: 'first' })).records
  write('a.md', '\n\nThe first text.\n\nThe fourth text.', new Date('2026-01-02'))
  rmSync(at('b.md'))
  expect(await ada.sources.add({ path: docs })).toMatchObject({ read: 1, same: 1, dropped: 1, added: 1, removed: 2 })
  expect((await ada.list({ kind: 'passage' })).map(({ text, space }) => [text, space])).toEqual([
    ['The first text.\n\nThe fourth text.', 'work'],
    ['The third text.', 'work'],
  ])
  // touched, with the same bytes
  write('c.md', 'The third text.', new Date('2026-01-03'))
  expect(await ada.sources.add({ path: docs })).toEqual({ ...NOTHING, same: 2 })
  expect(first?.source.ref).toBe(at('a.md'))
})

const NOTHING = { read: 0, same: 0, dropped: 0, skipped: [], notes: [], added: 0, removed: 0, left: 0 }

test('a passage that only moves stays the same record, and the same text twice is two', async () => {
  const { docs, write, at } = openDocs({
    'a.md': '# One\n\nThe lamp.\n\n# Two\n\nThe gate.\n',
    'b.md': '# One\n\nThe lamp.\n',
  })
  const ada = openFile().memory()
  await ada.sources.add({ path: docs })
  const placed = async () =>
    (await ada.search({ text: 'lamp' })).records
      .filter(({ source }) => source.ref === at('a.md'))
      .map(({ id, source, learnedAt }) => ({ id, at: source.at, learnedAt }))
  const before = await placed()
  await ada.pin(before[0]!.id, true)
  expect((await ada.search({ text: 'lamp' })).records).toHaveLength(2)
  write('a.md', '\n\n# One\n\nThe lamp.\n\n# Two\n\nThe door.\n', new Date('2026-01-02'))
  await ada.sources.add({ path: docs })
  expect(await placed()).toEqual([{ ...before[0], at: 'L5' }])
  expect(await ada.list({ pinned: true })).toMatchObject([{ id: before[0]!.id }])
})

test('a changed file of a result is read again, a missing one is dropped, and the search says so', async () => {
  const { docs, write, at } = openDocs({
    'a.md': 'The gate is blue.',
    'b.md': 'The gate is old.',
    'c.md': 'The gate is near.',
  })
  const { memory, clock } = openFile()
  const ada = memory()
  await ada.sources.add({ path: docs })
  expect(await ada.search({ text: 'gate' })).not.toHaveProperty('sources')
  clock.now = 2_000
  // the same size and another time
  write('a.md', 'The gate is pink.', new Date('2026-01-02'))
  rmSync(at('b.md'))
  rmSync(at('c.md'))
  write('d.md', 'The gate is here.')
  symlinkSync(at('d.md'), at('c.md'))
  const { records, sources } = await ada.search({ text: 'gate' })
  expect(records.map(({ text }) => text)).toEqual(['The gate is pink.'])
  expect(sources).toEqual({
    reread: [at('a.md')],
    dropped: [at('b.md'), at('c.md')],
    renamed: [],
    unread: [],
    unchecked: [],
    pages: [],
  })
  expect(await ada.search({ text: 'gate' })).not.toHaveProperty('sources')
  expect((await ada.changes.list()).map(({ type, cause }) => [type, cause.type, cause.id])).toContainEqual([
    'add',
    'import',
    at('a.md'),
  ])
})

test('a file that changed in the moment of its reading is compared by its bytes', async () => {
  const { docs, write } = openDocs({})
  const now = new Date()
  write('a.md', 'The gate is blue.', now)
  const ada = openFile().memory()
  await ada.sources.add({ path: docs })
  write('a.md', 'The gate is pink.', now)
  expect((await ada.search({ text: 'gate' })).records.map(({ text }) => text)).toEqual(['The gate is pink.'])
})

test('results beyond the files that one search looks at are named', async () => {
  const names = Array.from({ length: 25 }, (_, place) => `${String(place).padStart(2, '0')}.md`)
  const { docs } = openDocs(Object.fromEntries(names.map((name) => [name, `The gate of house ${name}.`])))
  const ada = openFile().memory()
  await ada.sources.add({ path: docs })
  const { records, sources } = await ada.search({ text: 'gate', limit: 25 })
  expect(records).toHaveLength(25)
  expect(sources?.unchecked).toHaveLength(5)
})

test('an import is one change, and undoing it leaves nothing; it can be added again', async () => {
  const { docs, write } = openDocs({ 'a.md': 'The gate is blue.', 'b.md': 'The lamp burns.' })
  const { memory, clock } = openFile()
  const ada = memory()
  await ada.sources.add({ path: docs })
  clock.now = 2_000
  await ada.changes.undo(1)
  expect(await ada.list()).toEqual([])
  expect(await ada.sources.list()).toEqual([])
  expect(await ada.sources.add({ path: docs })).toMatchObject({ read: 2, added: 2, change: 3 })
  expect(await ada.list()).toHaveLength(2)
  // what was undone stays away when a search reads its file again
  clock.now = 3_000
  write('b.md', '# Lamp\n\nThe lamp burns.\n\n# Door\n\nThe door is open.\n', new Date('2026-01-02'))
  const { change } = await ada.sources.add({ path: docs })
  clock.now = 4_000
  await ada.changes.undo(change!)
  write(
    'b.md',
    '# Lamp\n\nThe lamp burns.\n\n# Door\n\nThe door is open.\n\n# Pier\n\nThe pier.\n',
    new Date('2026-01-03'),
  )
  await ada.search({ text: 'gate' })
  await ada.search({ text: 'lamp' })
  expect((await ada.list()).map(({ text }) => text)).toEqual(['The gate is blue.'])
})

test('a forgotten passage does not return when its file is read again by a search', async () => {
  const { docs, write, at } = openDocs({ 'a.md': '# Gate\n\nThe gate is blue.\n\n# Lamp\n\nThe lamp burns.\n' })
  const { memory, clock } = openFile()
  const ada = memory()
  await ada.sources.add({ path: docs })
  const { id } = (await ada.search({ text: 'lamp' })).records[0]!
  clock.now = 2_000
  await ada.forget({ id })
  expect(await ada.search({ text: 'gate' })).not.toHaveProperty('sources')
  clock.now = 3_000
  write('a.md', '# Gate\n\nThe gate is pink.\n\n# Lamp\n\nThe lamp burns.\n', new Date('2026-01-02'))
  expect((await ada.search({ text: 'gate' })).sources?.reread).toEqual([at('a.md')])
  expect((await ada.list()).map(({ text }) => text)).toEqual(['The gate is pink.'])
  // a person who adds the file again wants all of it
  clock.now = 4_000
  expect(await ada.sources.add({ path: at('a.md') })).toMatchObject({ read: 1, added: 1 })
})

test('a folder is forgotten with its documents, and a write that began before is refused', async () => {
  const { docs, at } = openDocs({
    'a.md': 'The gate is blue.',
    'sub/b.md': 'The lamp burns.',
    'x.bin': Buffer.from([0]),
  })
  const { memory, clock } = openFile()
  const ada = memory()
  await ada.sources.add({ path: docs })
  clock.now = 2_000
  expect((await ada.forget({ source: at('sub') })).removed.records).toBe(1)
  expect((await ada.sources.list()).map(({ ref }) => ref)).toEqual([at('a.md'), at('x.bin')])
  const late = { source: { type: 'file', ref: at('sub/b.md') }, begunAt: 1_500 } as const
  await expect(ada.add([{ text: 'The lamp burns.' }], late)).rejects.toMatchObject({ code: 'forgotten' })
  await ada.forget({ source: docs })
  expect(await ada.sources.list()).toEqual([])
  clock.now = 3_000
  expect(await ada.sources.add({ path: docs })).toMatchObject({ read: 2, added: 2 })
})

test('documents that a client sends are never looked for on this machine', async () => {
  const { at } = openDocs({ 'secret.md': 'The secret of the gate.' })
  const ada = openFile().memory()
  await ada.sources.add({ name: at('secret.md'), text: 'The gate is blue.' })
  expect((await ada.search({ text: 'gate' })).records.map(({ text }) => text)).toEqual(['The gate is blue.'])
  expect(await ada.sources.list()).toMatchObject([{ type: 'upload', records: 1 }])
  const base64 = makeDocx(['The bridge was built in 1871.']).toString('base64')
  expect(await ada.sources.add({ name: 'letter.docx', base64 })).toMatchObject({ read: 1, added: 1 })
  expect(await ada.sources.add({ name: 'letter.docx', base64 })).toMatchObject({ same: 1, added: 0 })
})

test.each([
  [{}, 'expected exactly one of path, url and name'],
  [{ path: '/a', url: 'http://a.b/' }, 'expected exactly one of path, url and name'],
  [{ name: 'a' }, 'expected text or base64 together with a name'],
  [{ path: '/nowhere/at/all' }, 'There is no file or folder /nowhere/at/all.'],
  [{ url: 'ftp://a.b/' }, 'Expected a URL that begins with http:// or https://, got ftp://a.b/.'],
  [{ url: 'http://me:pw@a.b/' }, 'Expected a URL without a user name and a password, since memory keeps it.'],
  [{ url: 'http://127.0.0.1:1/' }, 'port 1 is closed'],
])('%j is refused', async (request, message) => {
  await expect(openFile().memory().sources.add(request)).rejects.toThrow(message)
})

test('a page is fetched through the network module, and its age is shown', async () => {
  let status = 200
  let body = '<h1>Harbour</h1><p>The ferry leaves at nine.</p>'
  const server = createServer((_, response) => response.writeHead(status, { 'content-type': 'text/html' }).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as { readonly port: number }
  const url = `http://127.0.0.1:${port}/ferry`
  const { memory, clock } = openFile(undefined, { allow: ['127.0.0.1'], ports: [port] })
  const ada = memory()
  expect(await ada.sources.add({ url: `${url}#times` })).toMatchObject({ read: 1, added: 1 })
  expect(await ada.sources.add({ url })).toMatchObject({ same: 1 })
  clock.now = 2_000
  body = '<h1>Harbour</h1><p>The ferry leaves at ten.</p>'
  const { records, sources } = await ada.search({ text: 'ferry' })
  expect(records).toMatchObject([{ text: 'The ferry leaves at nine.', source: { type: 'web', ref: url } }])
  expect(sources?.pages).toEqual([{ ref: url, readAt: 1_000 }])
  expect(await ada.sources.add({ url })).toMatchObject({ read: 1, added: 1, removed: 1 })
  status = 404
  const refused = { code: 'source_unreachable', message: `${url} cannot be fetched: its server answers 404.` }
  await expect(ada.sources.add({ url })).rejects.toMatchObject(refused)
  const closed = { code: 'source_unreachable', hint: expect.stringContaining('allow') }
  await expect(
    openFile(undefined, { ports: [port] })
      .memory()
      .sources.add({ url }),
  ).rejects.toMatchObject(closed)
})

test('a file that was renamed is found by its content, and keeps its records', async () => {
  const { docs, at, write } = openDocs({ 'guide.md': GUIDE, 'shop.md': 'Ropes cost three crowns.\n' })
  const ada = openFile().memory()
  await ada.sources.add({ path: docs })
  const [before] = (await ada.search({ text: 'ropes' })).records
  mkdirSync(at('old'))
  renameSync(at('shop.md'), at('old/prices.md'))
  const found = await ada.search({ text: 'ropes' })
  expect(found.sources).toMatchObject({ dropped: [], renamed: [{ ref: at('shop.md'), to: at('old/prices.md') }] })
  expect(found.records).toMatchObject([{ id: before!.id, source: { ref: at('old/prices.md') } }])
  // an add finds it as well: of a folder, and of the file alone
  renameSync(at('old/prices.md'), at('old/rope.md'))
  expect(await ada.sources.add({ path: docs })).toMatchObject({
    same: 2,
    read: 0,
    dropped: 0,
    notes: [`${at('old/prices.md')} is now ${at('old/rope.md')}`],
  })
  renameSync(at('old/rope.md'), at('old/cord.md'))
  expect(await ada.sources.add({ path: at('old/cord.md') })).toMatchObject({ same: 1, read: 0 })
  expect((await ada.search({ text: 'ropes' })).records).toMatchObject([
    { id: before!.id, source: { ref: at('old/cord.md') } },
  ])
  // a copy is another document, and other content is no new name
  write('copy.md', 'Ropes cost three crowns.\n')
  expect(await ada.sources.add({ path: docs })).toMatchObject({ same: 2, read: 1, dropped: 0 })
  rmSync(at('guide.md'))
  write('other.md', GUIDE.replace('blue', 'grey'))
  expect((await ada.search({ text: 'glaze' })).sources).toMatchObject({ dropped: [at('guide.md')], renamed: [] })
})
