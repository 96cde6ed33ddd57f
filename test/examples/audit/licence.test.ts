import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { licence } from '../../../examples/audit/licence.ts'
import { call, contextOf, ISC, MIT, makeFolder, standardText } from './fixture.ts'

type Files = Parameters<typeof makeFolder>[0]
const folderWith = (files: Files) =>
  makeFolder(Object.fromEntries(Object.entries(files).map(([name, text]) => [`node_modules/a/${name}`, text])))
const read = (root: string) => call(licence, { folder: 'node_modules', path: 'a' }, contextOf(root))
const found = async (files: Files) =>
  (await read(folderWith(files))).found.map(({ file, licence }) => `${file} ${licence}`)

test('tells file, line, licence and score', async () => {
  expect(await read(folderWith({ LICENSE: MIT }))).toEqual({
    path: 'a',
    found: [{ file: 'a/LICENSE', line: 5, licence: 'MIT', also: [], by: 'text', score: 1, nearest: null, count: 1 }],
    files: [{ file: 'a/LICENSE', words: 158, outside: 0 }],
  })
})

test.each([
  'license',
  'LICENCE.md',
  'License.txt',
  'COPYING',
  'UNLICENSE',
  'MIT-LICENSE',
  'LICENSE-MIT.txt',
  'COPYING.LESSER',
])('reads a file called %s', async (name) => {
  expect(await found({ [name]: MIT })).toEqual([`a/${name} MIT`])
})

test.each(['license.js', 'licenses.json', 'README.md', 'src/LICENSE', 'sublicense.md'])(
  'does not read %s',
  async (name) => {
    expect(await found({ [name]: MIT })).toEqual([])
  },
)

test("reads all licence files, the package's own first, those of third parties last", async () => {
  const files = {
    '3RD-PARTY-LICENSES': ISC,
    'LICENSE-APACHE': standardText('Apache-2.0'),
    'LICENSE-MIT': MIT,
    LICENSE: ISC,
  }
  expect(await found(files)).toEqual([
    'a/LICENSE ISC',
    'a/LICENSE-APACHE Apache-2.0',
    'a/LICENSE-MIT MIT',
    'a/3RD-PARTY-LICENSES ISC',
  ])
})

test('names a licence that a file holds often once, with its first line and how often', async () => {
  const facts = await read(folderWith({ LICENSE: [MIT, ISC, MIT, MIT].join('\n\n') }))
  expect(facts.found.map(({ licence, line, count }) => [licence, line, count])).toEqual([
    ['MIT', 5, 3],
    ['ISC', expect.any(Number), 1],
  ])
})

test('falls back on the licence section of the README: its text, or the licence it names', async () => {
  const text = await read(folderWith({ 'README.md': `# a\n\n## License\n\n${MIT}\n\n## More\n\nGPL-3.0 license` }))
  expect(text.found).toMatchObject([{ file: 'a/README.md', line: 9, licence: 'MIT', by: 'text' }])
  const name = await read(folderWith({ 'readme.md': '# a\n\n## License\n\n[ISC](LICENSE) © A. Author' }))
  expect(name.found).toMatchObject([{ file: 'a/readme.md', line: 5, licence: 'ISC', by: 'name' }])
})

test('does not look at the README of a package with a licence file', async () => {
  expect(await found({ LICENSE: MIT, 'README.md': '## License\n\nISC' })).toEqual(['a/LICENSE MIT'])
})

test('a package without any has no licence', async () => {
  expect(await read(folderWith({ 'index.js': '', 'README.md': '# a' }))).toEqual({ path: 'a', found: [], files: [] })
})

test('reads the file a manifest refers to', async () => {
  const manifest = { name: 'a', license: 'SEE LICENSE IN terms.txt' }
  expect(await found({ 'package.json': manifest, 'terms.txt': ISC })).toEqual(['a/terms.txt ISC'])
})

test('an empty licence file is there, and unknown', async () => {
  const facts = await read(folderWith({ LICENSE: '\n' }))
  expect(facts.found).toMatchObject([{ file: 'a/LICENSE', line: null, licence: null, by: 'none' }])
})

test('does not follow a licence file that is a link', async () => {
  const root = folderWith({ 'index.js': '' })
  symlinkSync(join(root, 'node_modules/a/index.js'), join(root, 'node_modules/a/LICENSE'))
  expect((await read(root)).found).toEqual([])
})
