import { chmodSync, mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { walkFolder } from '../../../src/source/folder/walk.ts'

/** A folder with these files. */
function folderOf(files: { readonly [name: string]: string }): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'antiphon-walk-')))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

const namesIn = async (folder: string) => (await walkFolder(folder)).files.map(({ name }) => name)

test('gives files in order, with their sizes, and counts what it left out', async () => {
  const folder = folderOf({
    'b.md': 'b',
    'a/two.md': 'two',
    'a/one.md': 'one!',
    '.env': 'KEY=1',
    '.git/HEAD': 'x',
    'node_modules/a/readme.md': 'x',
    'tls/server.pem': 'x',
    'tls/id_rsa': 'x',
    'tls/id_rsa.pub': 'x',
    'prod.env': 'x',
    'credentials.json': '{}',
  })
  const walk = await walkFolder(folder)
  expect(walk.files.map(({ name, bytes }) => [name, bytes])).toEqual([
    ['a/one.md', 4],
    ['a/two.md', 3],
    ['b.md', 1],
    ['tls/id_rsa.pub', 1],
  ])
  expect(walk.files[0]!.path).toBe(join(folder, 'a/one.md'))
  expect(walk).toMatchObject({ leftOut: { hidden: 2, private: 4, packages: 1, ignored: 0 }, skipped: [], bounds: [] })
})

test('.gitignore counts from its folder down, the innermost one first', async () => {
  const folder = folderOf({
    '.gitignore': '*.log\n/build\n!keep.log\nonly/*.md\n',
    'a.log': '',
    'keep.log': '',
    'build/x.md': '',
    'sub/build/x.md': '',
    'sub/.gitignore': '!b.log\nx.md\n',
    'sub/b.log': '',
    'sub/c.log': '',
    'only/a.md': '',
    'only/deep/a.md': '',
  })
  expect(await namesIn(folder)).toEqual(['keep.log', 'only/deep/a.md', 'sub/b.log'])
})

test('the rules above count up to the top of the repository, unless they ignore the folder that was named', async () => {
  const files = {
    'repo/.git/HEAD': '',
    'repo/.gitignore': '*.tmp\n/out\n',
    'repo/docs/a.tmp': '',
    'repo/docs/a.md': '',
  }
  const folder = folderOf({ ...files, '.gitignore': '*.md\n', 'repo/out/b.md': '' })
  expect(await namesIn(join(folder, 'repo/docs'))).toEqual(['a.md'])
  expect(await namesIn(join(folder, 'repo/out'))).toEqual(['b.md'])
})

test('follows no link, whether it leads outside, to a hidden file or in a circle', async () => {
  const outside = folderOf({ 'secret.md': 'x' })
  const folder = folderOf({ 'a.md': 'x', '.env': 'x' })
  symlinkSync(join(outside, 'secret.md'), join(folder, 'file.md'))
  symlinkSync(outside, join(folder, 'folder'))
  symlinkSync(join(folder, '.env'), join(folder, 'env.md'))
  symlinkSync(folder, join(folder, 'circle'))
  const { files, leftOut } = await walkFolder(folder)
  expect([files.map(({ name }) => name), leftOut.links]).toEqual([['a.md'], 4])
})

test.each([
  [{ files: 2 }, ['a/1.md', 'a/b/2.md'], 'only the first 2 files are read'],
  [{ bytes: 9 }, ['a/1.md', 'a/b/2.md'], 'only the first 9 bytes are read, up to a/b/c/3.md'],
  [{ entries: 4 }, ['a/1.md', 'a/b/2.md'], 'only the first 4 entries were looked at'],
  [{ depth: 2 }, ['a/1.md', 'a/b/2.md', 'z.md'], 'folders below 2 others are not read, such as a/b/c'],
])('a walk that meets %o says so', async (bounds, names, sentence) => {
  const folder = folderOf({ 'a/1.md': '1234', 'a/b/2.md': '1234', 'a/b/c/3.md': '1234', 'z.md': '1' })
  const walk = await walkFolder(folder, { bounds })
  expect(walk.files.map(({ name }) => name)).toEqual(names)
  expect(walk.bounds).toEqual([sentence])
})

test.skipIf(process.getuid?.() === 0)('a folder without permission is skipped and reported', async () => {
  const folder = folderOf({ 'a.md': '', 'shut/b.md': '' })
  chmodSync(join(folder, 'shut'), 0)
  const walk = await walkFolder(folder)
  chmodSync(join(folder, 'shut'), 0o700)
  expect(walk).toMatchObject({
    files: [{ name: 'a.md' }],
    skipped: [{ name: 'shut', reason: 'this user has no permission to read it' }],
  })
})

test('closed paths are left out, and a missing folder is refused', async () => {
  const folder = folderOf({ 'a.md': '', 'closed/b.md': '' })
  const { files } = await walkFolder(folder, { mayRead: (path) => !path.includes('closed') })
  expect(files.map(({ name }) => name)).toEqual(['a.md'])
  await expect(walkFolder(join(folder, 'gone'))).rejects.toThrow('the folder does not exist')
  await expect(walkFolder(join(folder, 'a.md'))).rejects.toThrow('it is not a folder')
})
