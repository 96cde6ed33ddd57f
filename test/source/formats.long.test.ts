import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { unpack } from '../../src/lib/encoding/zip.ts'
import { DOCX_TYPE, locatorOf, unitsOf } from '../../src/source/document.ts'
import { isInflated } from '../../src/source/pdf/inflate.ts'
import { readDocument, readDocumentFile } from '../../src/source/source.ts'
import { passagesOf } from '../../src/source/split.ts'
import { makeDocx, makePdf, makeZip } from './make-files.ts'
import { deflatedBlanks, makePdfOf } from './make-hostile.ts'
import { parseFile } from './parse.ts'

const PAGE = `<!doctype html><title>Tides</title><nav><a href="/x">Home</a></nav><article><h1>Tides</h1>
<p>Ebb comes - and <a href="https://example.org/flow">flow</a> goes, twice a day, at each coast of the sea.</p>
<h2>Moon</h2><script>alert(1)</script><p>The moon pulls the water of all seas, and so does the sun.</p></article>`

test('HTML: the article, with its headings, cited by its first words', async () => {
  const page = await parseFile({ type: 'text/html', name: 'a.html', bytes: Buffer.from(PAGE) })
  expect(page).toMatchObject({ type: 'text/html', metadata: { title: 'Tides' }, gaps: [] })
  expect(passagesOf(page)).toEqual([
    {
      heading: expect.stringContaining('Tides'),
      text: 'Ebb comes - and flow goes, twice a day, at each coast of the sea.',
      locator: ':~:text=Ebb%20comes%20%2D%20and%20flow%20goes%2C%20twice%20a',
    },
    {
      heading: expect.stringContaining('Moon'),
      text: 'The moon pulls the water of all seas, and so does the sun.',
      locator: ':~:text=The%20moon%20pulls%20the%20water%20of%20all%20seas%2C',
    },
  ])
})

test('PDF: passages name their page, and a page without text is a gap', async () => {
  const bytes = makePdf(['Ebb comes.\nFlow goes.', '', 'The moon pulls.'], 'Tides')
  const pdf = await parseFile({ type: 'application/pdf', name: 'a.pdf', bytes })
  expect(passagesOf(pdf)).toEqual([
    { text: 'Ebb comes.\nFlow goes.', locator: 'page=1', heading: '' },
    { text: 'The moon pulls.', locator: 'page=3', heading: '' },
  ])
  const [ebb, flow, moon] = unitsOf(pdf)
  expect([ebb, flow, moon].map((unit) => locatorOf(pdf, unit!))).toEqual(['page=1', 'page=1', 'page=3'])
  expect(pdf.text.slice(moon!.start, moon!.end)).toBe('The moon pulls.')
  expect(moon!.block).toBeGreaterThan(flow!.block)
  expect(pdf).toMatchObject({
    type: 'application/pdf',
    metadata: { pages: 3, title: 'Tides' },
    gaps: ['page 2 of 3 has no text, perhaps because it is a picture'],
  })
})

test('PDF: strike-out marks of a viewer are a gap that names their pages', async () => {
  const read = async (pages: readonly string[]) =>
    (await parseFile({ type: 'application/pdf', name: 'a.pdf', bytes: makePdf(pages) })).gaps
  expect(await read(['Ebb.', 'Flow STRUCK.'])).toEqual([
    'it has 2 strike-out marks on page 2, and the text under them is read as valid',
  ])
  expect(await read(Array.from({ length: 7 }, () => 'STRUCK'))).toEqual([
    'it has 14 strike-out marks on pages 1, 2, 3, 4, 5, …, and the text under them is read as valid',
  ])
})

test('DOCX: passages with their headings', async () => {
  const bytes = makeDocx(['# Tides', 'Ebb comes.', 'Flow goes.', '# Moon', 'It pulls.'])
  const docx = await parseFile({ type: DOCX_TYPE, name: 'a.docx', bytes })
  expect(passagesOf(docx)).toEqual([
    { text: 'Ebb comes.\n\nFlow goes.', locator: ':~:text=Ebb%20comes.', heading: 'Tides' },
    { text: 'It pulls.', locator: ':~:text=It%20pulls.', heading: 'Moon' },
  ])
  expect(unitsOf(docx).map((unit) => locatorOf(docx, unit))[1]).toBe(':~:text=Flow%20goes.')
  expect(docx).toMatchObject({ type: DOCX_TYPE, metadata: { title: 'Tides' }, gaps: [] })
})

test.each([
  ['a.pdf', Buffer.from('%PDF-1.4\nnothing'), 'it is a broken PDF'],
  ['a.pdf', Buffer.from('words'), 'its content is not what its name says'],
  ['a.docx', Buffer.from('words'), 'its content is not what its name says'],
  ['a.docx', Buffer.from('PK\x03\x04'), 'it is a broken DOCX'],
  ['a.docx', makeZip({ 'a.xml': 'x' }), 'it is a broken DOCX'],
  ['a.docx', makeZip({ 'a.xml': Buffer.alloc(17 * 1024 * 1024) }), 'it unpacks to more than 4 MiB'],
  ['a.md', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 'it is image/png, which cannot be read as text'],
  ['a.md', Buffer.alloc(5 * 1024 * 1024, 'a'), 'it is larger than 4 MiB'],
  ['a.html', Buffer.from('<p>'.repeat(200_001)), 'it has more than 200000 tags'],
  ['a.html', Buffer.from('a\0b'), 'it is not a text file'],
])('%s is refused: %#', async (name, bytes, message) => {
  await expect(readDocument(name, bytes)).rejects.toMatchObject({ name: 'TerminalError', message })
})

test('a zip file is measured by unpacking, whatever it states', () => {
  const zip = makeZip({ a: 'x'.repeat(5_000), b: 'y'.repeat(3_000) })
  expect(unpack(zip, 10_000)?.size).toBe(8_000)
  expect(unpack(zip, 6_000)?.size).toBeGreaterThan(6_000)
  // a smaller size in the directory is a lie
  const directory = zip.indexOf(Buffer.from('PK\x01\x02', 'latin1'))
  zip.writeUInt32LE(1, directory + 24)
  expect(unpack(zip, 4_000)?.size).toBeGreaterThan(4_000)
  expect(unpack(Buffer.from('no zip at all, but as long as one'), 10)?.size).toBeUndefined()
})

test('the streams of a PDF are measured, filter by filter; pictures are not unpacked', () => {
  const [flate, blanks] = ['FlateDecode', deflatedBlanks(8192, 3)]
  const pdf = makePdfOf(blanks, [flate, flate, flate])
  expect(pdf.length).toBeLessThan(3_000)
  expect(isInflated(pdf)).toBe(true)
  expect(isInflated(makePdfOf(deflatedBlanks(64, 2), [flate, 'Fl']))).toBe(false)
  expect(isInflated(makePdfOf(blanks, [flate, flate, flate], '/Subtype /Image '))).toBe(false)
  const many = Array.from({ length: 5 }, () => makePdfOf(deflatedBlanks(64, 1), [flate]))
  expect(isInflated(Buffer.concat(many.slice(1)))).toBe(false)
  expect(isInflated(Buffer.concat(many))).toBe(true)
})

test('a file is read from its path, and a stated type counts more than its name', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'antiphon-source-')), 'page')
  writeFileSync(path, PAGE)
  const read = await readDocumentFile(path, { type: 'text/html; charset=utf-8' })
  expect(read).toMatchObject({ type: 'text/html', modality: 'text', metadata: { bytes: PAGE.length, title: 'Tides' } })
  await expect(readDocumentFile(`${path}.gone`)).rejects.toThrow('the file does not exist')
})
