import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { chainReaders, sourceInRoots } from '../../../src/chain/room/readers.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { sourcesOf } from '../../../src/thread/room/sources.ts'
import { closedRoot } from '../../../src/tool/roots.ts'
import { makeDocx } from '../../source/make-files.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'antiphon-sources-')))
mkdirSync(join(root, 'docs'))
writeFileSync(join(root, 'docs/a.md'), 'The tide.')

const NO_FILES = {
  resolve: async () => [],
  addLocal: async () => undefined,
  head: async () => Buffer.from(''),
}

test('files, folders and sent files become sources, and what was sent is read again', async () => {
  const stored = new Map<string, Json>()
  const put = async (value: Json) => {
    stored.set(`${stored.size}`, value)
    return `${stored.size - 1}`
  }
  const base64 = makeDocx(['# Tides', 'Ebb comes.']).toString('base64')
  const texts = [
    { name: 'b.md', text: 'Flow goes.' },
    { name: 'c.docx', base64 },
    { name: 'd.txt', text: 'import os\n\ndef ebb():\n    return os.getcwd()\n' },
  ]
  const sources = await sourcesOf({ files: [join(root, 'docs/a.md'), join(root, 'docs')], texts }, { put }, NO_FILES)
  expect(sources).toEqual([
    { id: 'f1', kind: 'file', ref: join(root, 'docs/a.md') },
    { id: 'f2', kind: 'folder', ref: join(root, 'docs') },
    { id: 'f3', kind: 'file', ref: 'b.md', blob: '0' },
    { id: 'f4', kind: 'file', ref: 'c.docx', blob: '1' },
    { id: 'f5', kind: 'file', ref: 'd.txt', blob: '2', modality: 'code' },
  ])
  const { readBlob } = chainReaders({ get: async (hash) => stored.get(hash)! }, root)
  const { signal } = new AbortController()
  expect((await readBlob('0', 'b.md', signal)).text).toBe('Flow goes.')
  expect(await readBlob('2', 'd.txt', signal)).toMatchObject({ modality: 'code' })
  expect(await readBlob('1', 'c.docx', signal)).toMatchObject({ places: 'words', text: expect.stringContaining('Ebb') })
})

test('a folder of a step keeps what is closed in it, and lies within the roots', async () => {
  const closed = closedRoot('docs/secret')
  expect(await sourceInRoots('docs/*', { root, roots: ['.', closed] })).toEqual({
    kind: 'folder',
    ref: join(root, 'docs'),
    pattern: '*',
    roots: [closed],
  })
  expect(await sourceInRoots('docs', { root, roots: ['.'] })).toEqual({ kind: 'folder', ref: join(root, 'docs') })
  for (const path of ['/etc/*', '..'])
    await expect(sourceInRoots(path, { root, roots: ['.'] })).rejects.toMatchObject({ code: 'outside_root' })
  await expect(sourceInRoots('docs', { root, roots: ['.', closedRoot('docs/a.md')] })).rejects.toThrow(
    'no file to read',
  )
})
