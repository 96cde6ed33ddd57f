import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { chainReaders } from '../../../src/chain/room/readers.ts'
import { addLocalFile } from '../../../src/file/room/local-files.ts'
import type { FilesPort } from '../../../src/file/room/port.ts'
import { listFolder } from '../../../src/source/folder/list-folder.ts'
import { checkTexts, sourcesOf } from '../../../src/thread/room/sources.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'antiphon-names-')))
afterAll(() => rmSync(root, { recursive: true, force: true }))
mkdirSync(join(root, 'folder'))
const PNG = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0', 'latin1')
const FILES = { photo: PNG, 'photo.txt': PNG, 'scan.md': '%PDF-1.7\n', 'notes.png': 'The tide.', 'clip.mp3': 'Ebb.' }
for (const [name, content] of Object.entries(FILES))
  for (const folder of [root, join(root, 'folder')]) writeFileSync(join(folder, name), content)
const at = (name: string) => join(root, name)

test('the content of a file decides which reader an ask takes', async () => {
  const asked: string[] = []
  const files = {
    resolve: async () => [],
    addLocal: async (path: string) => {
      asked.push(basename(path))
      return undefined
    },
    head: async () => Buffer.from(''),
  }
  const sources = await sourcesOf({ files: Object.keys(FILES).map(at) }, { put: async () => '' }, files)
  // files are read side by side
  expect(asked.toSorted()).toEqual(['photo', 'photo.txt', 'scan.md'])
  expect(sources.map(({ ref }) => basename(ref))).toEqual(Object.keys(FILES))
  writeFileSync(at('old.heic'), 'a text')
  await checkTexts([at('old.heic')])
  writeFileSync(at('new.heic'), Buffer.from('\0\0\0\x20ftypheic', 'latin1'))
  await expect(checkTexts([at('new.heic')])).rejects.toMatchObject({ code: 'not_supported' })
})

test('a file whose name lies has a gap, and is stored without its ending', async () => {
  const { readFile } = chainReaders({ get: async () => '' }, root)
  const { signal } = new AbortController()
  expect(await readFile(at('notes.png'), signal)).toMatchObject({
    text: 'The tide.',
    gaps: ['it is text/plain, and its name says image/png'],
  })
  const add: FilesPort['add'] = async (_content, options) => {
    expect(options).toMatchObject({ name: 'photo.txt', onWrongName: 'shorten' })
    return { file: 'file_1', name: 'photo', type: 'image/png', bytes: PNG.length, at: 0, uses: [] }
  }
  expect(await addLocalFile({ add }, at('photo.txt'), 'local')).toMatchObject({ name: 'photo', type: 'image/png' })
})

test('a folder also gives texts with the name of a picture or a recording', async () => {
  const { files, leftOut } = await listFolder(join(root, 'folder'), {})
  expect(files.map(({ name }) => name)).toEqual(['clip.mp3', 'notes.png', 'photo', 'photo.txt', 'scan.md'])
  writeFileSync(join(root, 'folder/real.png'), PNG)
  expect((await listFolder(join(root, 'folder'), {})).leftOut.media).toBe(leftOut.media + 1)
  const closed = { mayRead: (path: string) => !path.endsWith('.png') }
  expect((await listFolder(join(root, 'folder'), closed)).leftOut).toMatchObject({ media: 0, private: 2 })
})
