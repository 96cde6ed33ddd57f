import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { useExtensions } from '../../src/extension/extensions.ts'
import { start } from '../../src/http/program/start.ts'
import { version } from '../../src/lib/package/manifest.ts'
import { loadToolbox } from '../../src/runtime/services/toolbox.ts'
import { readDocument, readDocumentFile } from '../../src/source/source.ts'
import { passagesOf } from '../../src/source/split.ts'
import { makePdf, makeZip } from '../source/make-files.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'antiphon-extension-'))
})

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

const extension = (name: string, rest: string, own = version()) =>
  `import { defineExtension, unread } from 'antiphon/extend'
export default defineExtension({ name: '${name}', version: '${own}', ${rest} })`

const BOOKS = `readers: [{
  types: ['application/epub+zip'],
  async read(file, terms) {
    const parts = await file.unpack()
    const page = parts.get('page.html')
    if (!page) throw unread('it has no page', 'bad_value')
    return { form: 'html', html: Buffer.from(page).toString(), gaps: ['its cover is not read'] }
  },
}]`

const EPUB = (parts: { readonly [name: string]: string }) => makeZip({ mimetype: 'application/epub+zip', ...parts })

test('a reader of the project reads files of its type, and says what it left out', async () => {
  write('books.ts', extension('books', BOOKS))
  const [loaded] = await useExtensions(['./books.ts'], folder)
  expect(loaded!.extension.name).toBe('books')
  const book = await readDocument('tides.epub', EPUB({ 'page.html': '<h1>Tides</h1><p>Ebb comes.</p>' }))
  expect(book).toMatchObject({ type: 'application/epub+zip', gaps: ['its cover is not read'] })
  expect(passagesOf(book)).toMatchObject([{ text: 'Ebb comes.', heading: expect.stringContaining('Tides') }])
  await expect(readDocument('empty.epub', EPUB({}))).rejects.toMatchObject({
    code: 'bad_value',
    message: 'it has no page',
  })
})

test('a folder whose files are read runs nothing, whatever lies in its node_modules', async () => {
  const marker = join(folder, 'was-run')
  const evil = `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(marker)}, ''); export default 1`
  for (const name of ['@antiphon/media', 'unpdf', 'antiphon']) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, type: 'module', exports: './index.js' }))
    write(`node_modules/${name}/index.js`, evil)
  }
  writeFileSync(join(folder, 'pier.pdf'), makePdf(['The pier opens at nine.']))
  const before = process.cwd()
  process.chdir(folder)
  try {
    expect(await readDocumentFile(join(folder, 'pier.pdf'))).toMatchObject({ text: 'The pier opens at nine.' })
  } finally {
    process.chdir(before)
  }
  expect(existsSync(marker)).toBe(false)
})

test('a package is found from the project', async () => {
  write('node_modules/sheets/package.json', JSON.stringify({ name: 'sheets', type: 'module', exports: './index.js' }))
  write('node_modules/sheets/index.js', extension('sheets', 'readers: []'))
  expect(await useExtensions(['sheets'], folder)).toMatchObject([{ extension: { name: 'sheets' } }])
  await expect(useExtensions(['sheets-2'], folder)).rejects.toMatchObject({
    code: 'peer_missing',
    message: 'The extension sheets-2 is not installed.',
    hint: 'npm install sheets-2',
    place: { path: 'use' },
  })
})

test.each([
  ['export default 3', 'Expected an object, got number'],
  ['export const a = 1', 'it has no default export'],
  ["export default { name: 'x' }", 'Expected a version of antiphon, such as 0.1.0'],
  ["export default { name: 'x', version: '0.1.0', reader: [] }", 'the key `reader` is unknown'],
  ["export default { name: 'x', version: '0.1.0', readers: [{ types: 'a/b' }] }", 'a list of types and a function'],
  ['export default', 'cannot be loaded'],
  ["import 'nowhere'", 'cannot be loaded'],
])('%s is refused by the name of the file', async (text, fault) => {
  write('wrong.ts', text)
  const error = useExtensions(['./wrong.ts'], folder)
  await expect(error).rejects.toMatchObject({ name: 'InvalidError', message: expect.stringContaining(fault) })
  await expect(error).rejects.toThrow(/wrong\.ts/)
})

test.each([
  ['0.2.0', false],
  ['1.0.0', false],
  ['0.1.99', false],
  ['0.1.0', true],
])('an extension that is written for %s fits: %s', async (own, fits) => {
  write('other.ts', extension('other', 'readers: []', own))
  const used = useExtensions(['./other.ts'], folder)
  if (fits) return expect(await used).toHaveLength(1)
  await expect(used).rejects.toMatchObject({
    code: 'other_version',
    message: `The extension other is written for antiphon ${own}, and this is ${version()}.`,
  })
})

const TOOL = (name: string, more = '') => `tools: [defineTool({
  name: '${name}', description: 'Doubles a number', input: z.object({ n: z.number() }), effect: 'pure', ${more}
  execute: ({ n }) => n * 2 })]`
const WITH_TOOL = (tool: string) => `import { z } from '${import.meta.resolve('zod')}'
import { defineTool } from '${new URL('../../src/tool/tool.ts', import.meta.url).href}'
${extension('doubles', tool)}`

test('its tools are in the toolbox, guarded as those of plugins', async () => {
  write('doubles.ts', WITH_TOOL(TOOL('double')))
  const toolbox = await loadToolbox({ plugins: [], use: ['./doubles.ts'], folder })
  expect(toolbox.list().find(({ name }) => name === 'double')).toMatchObject({ effect: 'pure' })
})

test.each([
  [TOOL('debug'), 'clashes with debug of antiphon itself'],
  [TOOL('far', "isolation: 'process',"), 'only a tool of a plugin can have a process of its own'],
  ['tools: [{}]', 'tools[0]: '],
])('a tool that cannot be is refused with the name of its extension', async (tool, fault) => {
  write('wrong-tool.ts', WITH_TOOL(tool))
  const loading = loadToolbox({ plugins: [], use: ['./wrong-tool.ts'], folder })
  await expect(loading).rejects.toMatchObject({ name: 'InvalidError', message: expect.stringContaining(fault) })
  await expect(loading).rejects.toThrow(/doubles/)
})

test('a program names extensions, and a wrong list is an error before anything opens', async () => {
  await expect(start({ folder, use: './books.ts' as never })).rejects.toMatchObject({
    name: 'InvalidError',
    place: { path: 'use' },
  })
  write('doubles.ts', WITH_TOOL(TOOL('double')))
  const app = await start({ folder, use: ['./doubles.ts'] })
  try {
    const { id } = await app.tools.call([{ tool: 'double', parameters: { n: 4 } }])
    await app.runtime!.idle()
    expect(await app.runs.get(id)).toMatchObject({ status: 'completed', steps: { call_1: { value: { result: 8 } } } })
  } finally {
    await app.stop()
  }
})

test('a package of antiphon has its version, and runs with it', async () => {
  const packages = new URL('../../packages/', import.meta.url)
  for (const name of readdirSync(packages)) {
    const manifest = JSON.parse(readFileSync(new URL(`${name}/package.json`, packages), 'utf8'))
    expect([manifest.name, manifest.version]).toEqual([`@antiphon/${name}`, version()])
    expect(manifest.peerDependencies.antiphon).toBe(`^${version()}`)
    expect(manifest.devDependencies.antiphon).toBe('file:../..')
  }
  expect(await useExtensions(['@antiphon/media'], folder)).toMatchObject([{ extension: { version: version() } }])
})
