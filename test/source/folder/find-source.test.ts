import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { findSource } from '../../../src/source/folder/find-source.ts'
import { listFolder } from '../../../src/source/folder/list-folder.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'antiphon-find-')))
const at = (name: string) => join(folder, name)
for (const [name, text] of Object.entries({
  'src/a.ts': 'export const a = 1',
  'src/deep/b.ts': 'export const b = 2',
  'src/deep/notes.md': 'Notes.',
  'src/[id].ts': 'export {}',
  'src/photo.jpg': 'GIF89a\x01\0\x01\0',
  'notes/steps.txt': 'import os\n\ndef a():\n    return 1\n',
  'notes/prose.txt': 'The tide rises.',
  'docs/.hidden.md': 'x',
  'docs/id_rsa': 'x',
})) {
  mkdirSync(dirname(at(name)), { recursive: true })
  writeFileSync(at(name), text)
}
symlinkSync('/etc/hosts', at('src/hosts'))

test.each([
  ['src/a.ts', { kind: 'file', ref: at('src/a.ts') }],
  ['notes/steps.txt', { kind: 'file', ref: at('notes/steps.txt'), modality: 'code' }],
  ['notes/prose.txt', { kind: 'file', ref: at('notes/prose.txt') }],
  ['missing.md', { kind: 'file', ref: at('missing.md') }],
  ['src', { kind: 'folder', ref: at('src'), modality: 'code' }],
  ['src/**/*.md', { kind: 'folder', ref: at('src'), pattern: '**/*.md' }],
  ['src/de*/b.{ts,js}', { kind: 'folder', ref: at('src'), pattern: 'de*/b.{ts,js}', modality: 'code' }],
  ['src/[id].ts', { kind: 'file', ref: at('src/[id].ts') }],
])('%s names %j', async (path, source) => {
  expect(await findSource(at(path))).toEqual(source)
})

test.each([
  ['docs', /has no file to read/, /Left out: files that may hold keys \(1\), hidden files and folders \(1\)\./],
  ['src/*.py', /No file matches .*\*\.py\./, /quotes/],
  ['gone/*.py', /There is no folder .*gone\./, /part of/],
  ['src/a*a*a*a*a', /too complex/, /three stars/],
  ['src/{1..99999999}', /too complex/, /without ranges/],
])('%s is refused with a hint', async (path, message, hint) => {
  await expect(findSource(at(path))).rejects.toMatchObject({
    name: 'InvalidError',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  })
})

test('a path that may not be read is refused by who opens it, and files in the folder are left out', async () => {
  const open = async (path: string) => {
    if (path === at('docs')) throw new Error('closed')
    return path
  }
  await expect(findSource(at('docs/*'), { open })).rejects.toThrow('closed')
  const mayRead = (path: string) => path !== at('src/a.ts')
  expect(await findSource(at('src/*.ts'), { open, mayRead })).toMatchObject({ kind: 'folder' })
  await expect(findSource(at('src/a*.ts'), { open, mayRead })).rejects.toThrow('No file matches')
})

test('pictures, links and large files are not listed', async () => {
  const { files, leftOut, skipped } = await listFolder(at('src'), {})
  expect(files.map(({ name }) => name)).toEqual(['[id].ts', 'a.ts', 'deep/b.ts', 'deep/notes.md'])
  expect(leftOut).toMatchObject({ media: 1, links: 1 })
  expect(skipped).toEqual([])
})

test('a name finds its file in another Unicode form, and with marks that no reader sees', async () => {
  const files = realpathSync(mkdtempSync(join(tmpdir(), 'antiphon-forms-')))
  mkdirSync(join(files, 'Fa\u0308hre'))
  const stored = [join('Fa\u0308hre', 'Straße.md'), 're\u00adpayment.md']
  for (const name of stored) writeFileSync(join(files, name), 'Ebb.')
  for (const [asked, place] of [
    ['Fähre/Straße.md', 0],
    ['Fa\u0308hre/Straße.md', 0],
    ['repayment.md', 1],
  ] as const)
    expect(await findSource(join(files, asked))).toEqual({ kind: 'file', ref: join(files, stored[place]!) })
  expect((await listFolder(files, { pattern: 'Fähre/*.md' })).files.map(({ name }) => name)).toEqual([stored[0]])
  // neither of two names is guessed
  writeFileSync(join(files, 'repay\u00adment.md'), 'Flow.')
  expect(await findSource(join(files, 'repayment.md'))).toEqual({ kind: 'file', ref: join(files, 'repayment.md') })
})
