import { expect, test } from 'vitest'
import { DOCX_TYPE } from '../../src/source/document.ts'
import { readDocument, readTextDocument } from '../../src/source/source.ts'
import { makeDocx, makeZip } from './make-files.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const OLD = '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and what follows'
const book = makeZip({ mimetype: 'application/epub+zip', 'OEBPS/a.xhtml': '<p>Ebb' })
const mail = (...headers: string[]) =>
  bytes(['From: Ida', 'MIME-Version: 1.0', ...headers, '', 'VGhlIHRpZGU='].join('\r\n'))

test.each([
  ['a.rtf', bytes('{\\rtf1\\ansi The tide.\\par}'), 'it is an RTF file; save it as DOCX, PDF or text'],
  ['a.txt', bytes('\n{\\rtf1\\ansi The tide.\\par}'), 'it is an RTF file; save it as DOCX, PDF or text'],
  ['a.doc', bytes('{\\rtf1\\ansi The tide.\\par}'), 'it is an RTF file; save it as DOCX, PDF or text'],
  ['a.doc', bytes(OLD), 'it is a Word file of the old form; save it as DOCX, PDF or text'],
  ['a', bytes(OLD), 'it is an Office file of the old form; save it as DOCX, CSV or PDF'],
  ['a.xlsx', makeZip({ 'xl/workbook.xml': '<workbook/>' }), 'it is a spreadsheet; save it as CSV'],
  ['a.txt', makeZip({ 'xl/workbook.xml': '<workbook/>' }), 'it is a spreadsheet; save it as CSV'],
  ['a.pptx', makeZip({ 'ppt/presentation.xml': '<p/>' }), 'it is a presentation; save it as PDF'],
  ['a.odt', makeZip({ 'content.xml': '<p/>' }), 'it is an OpenDocument text; save it as DOCX, PDF or text'],
  ['a.epub', book, 'it is an e-book; save it as HTML, PDF or text'],
  ['a.zip', makeZip({ 'a.txt': 'Ebb' }), 'it is an archive; unpack it'],
  ['a.txt.gz', bytes('\x1f\x8b\x08 and more'), 'it is an archive; unpack it'],
  ['a.ps', bytes('%!PS-Adobe-3.0\n(The tide) show'), 'it is a PostScript file; save it as PDF'],
  [
    'a.svg',
    bytes('<?xml version="1.0"?>\n<!-- drawn -->\n<svg width="1"><text>Ebb</text></svg>'),
    'it is an SVG drawing; save it as PDF or text',
  ],
  [
    'a.eml',
    mail('Content-Transfer-Encoding: base64'),
    'it is an email with encoded text; save its text, or save it as PDF',
  ],
  [
    'a.txt',
    mail('Content-Type: multipart/mixed;', ' boundary=x'),
    'it is an email with encoded text; save its text, or save it as PDF',
  ],
  ['a.mht', mail('Content-Type: multipart/related'), 'it is a web archive; save it as HTML, PDF or text'],
  ['a.db', bytes('SQLite format 3\0'), 'it is a database; save its tables as CSV'],
])('%s is refused by its form, with advice: %#', async (name, content, message) => {
  await expect(readDocument(name, content)).rejects.toMatchObject({ code: 'not_supported', message })
})

test.each([
  ['notes.txt', 'The RTF file begins with {\\rtf1 and ends with a brace.'],
  ['mail.eml', 'From: Ida\nMIME-Version: 1.0\nContent-Type: text/plain\n\nThe tide rises.'],
  ['notes.txt', 'Note: the tide rises.\n\nMIME-Version: 1.0 is a header.'],
  ['a.xml', '<?xml version="1.0"?>\n<tides><svg>no drawing</svg>The tide</tides>'],
  ['a.tex', '\\documentclass{article} % The tide'],
])('a text that only speaks of a form is read: %s', async (name, text) => {
  expect((await readDocument(name, Buffer.from(text))).text).toBe(text)
})

test('a text that was decoded by its sender is refused by its form, too', async () => {
  await expect(readTextDocument('a.rtf', '{\\rtf1 Ebb}')).rejects.toThrow('it is an RTF file')
})

test('a file is read by its form where its name says less', async () => {
  expect(await readDocument('minutes', makeDocx(['Ebb comes.']))).toMatchObject({ type: DOCX_TYPE, text: 'Ebb comes.' })
  const page = await readDocument('page.txt', Buffer.from('<!DOCTYPE html><p>Ebb <b>comes</b>.</p>'))
  expect(page).toMatchObject({ type: 'text/html', text: expect.stringContaining('Ebb') })
  expect(page.text).not.toContain('<b>')
})
