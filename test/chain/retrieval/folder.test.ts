import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { createLimits } from '../../../src/chain/protocol/limits.ts'
import { retrieve } from '../../../src/chain/retrieval/sources.ts'
import { chainReaders } from '../../../src/chain/room/readers.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'antiphon-folder-')))
const at = (name: string) => join(folder, name)
function write(name: string, text: string | Buffer) {
  mkdirSync(dirname(at(name)), { recursive: true })
  writeFileSync(at(name), text)
}
write('.gitignore', 'out\n')
execFileSync('git', ['init', '-q', folder])
write('lake.md', '# Lakes\n\nThe lake is forty metres deep.\n')
write('more/fish.txt', 'Trout swim in the deep lake.\n')
write('out/made.md', 'The lake is a thousand metres deep.\n')
write('more/cafe.txt', Buffer.from('The caf\xe9 is at the lake.', 'latin1'))
write('more/odd', 'a\0b')
write('photo.png', 'GIF89a\x01\0\x01\0')
write('large.txt', '')
truncateSync(at('large.txt'), 5 * 1024 * 1024)

const readers = chainReaders({ get: async () => null }, folder)

function find(limits: Partial<ReturnType<typeof createLimits>> = {}, source: object = {}) {
  const { signal } = new AbortController()
  const sources = [{ id: 'f1', kind: 'folder' as const, ref: folder, ...source }]
  const reader = { ...readers, limits: createLimits(limits) }
  return retrieve(reader, { question: 'how deep is the lake', sources, known: [], signal })
}

test('the files of a folder are searched together, and the note says what was not read', async () => {
  const { hits, sources } = await find()
  expect(hits[0]).toMatchObject({ source: 'f1', file: at('lake.md'), line: 3 })
  expect(new Set(hits.map(({ file }) => file))).toEqual(
    new Set([at('lake.md'), at('more/fish.txt'), at('more/cafe.txt')]),
  )
  expect(sources).toEqual([
    { source: 'f1', file: folder, status: 'read', passages: 3, files: 3, note: expect.any(String) },
  ])
  const { note } = sources[0]!
  expect(note).toContain('more/odd was not read: it is not a text file')
  expect(note).toContain('large.txt was not read: it is larger than 4 MiB')
  expect(note).toContain('more/cafe.txt was read as windows-1252')
  expect(note).toContain('left out: pictures and sound (1)')
  expect(note).not.toContain('.gitignore')
})

test('a pattern names some of the files', async () => {
  const { hits, sources } = await find({}, { pattern: 'more/*.txt' })
  expect(hits.map(({ file }) => file)).not.toContain(at('lake.md'))
  expect(sources).toMatchObject([{ file: at('more/*.txt'), files: 2 }])
})

test.each([
  [{ files: 1 }, 'only the first 1 files are read'],
  [{ allFilesSize: 40 }, 'only 1 of 4 files fit'],
])('a bound that is met is named, with all that is left out: %j', async (limits, words) => {
  const { sources } = await find(limits)
  expect(sources).toMatchObject([{ status: 'read', files: 1, note: expect.stringContaining(words) }])
  expect(sources[0]!.note).toContain('left out: ')
})

test('paths closed by the roots of a step are not read', async () => {
  const { hits, sources } = await find({}, { roots: [`!${at('lake.md')}`] })
  expect(hits.map(({ file }) => file)).not.toContain(at('lake.md'))
  expect(sources[0]!.note).toContain('files that may hold keys (1)')
})

test('a folder without a file to read, or that is gone, is reported', async () => {
  const none = await find({}, { pattern: '*.py' })
  expect(none.sources).toMatchObject([{ status: 'failed', reason: expect.stringContaining('no file') }])
  const gone = await find({}, { ref: at('gone') })
  expect(gone.sources).toMatchObject([{ status: 'failed', reason: 'the folder does not exist' }])
})
