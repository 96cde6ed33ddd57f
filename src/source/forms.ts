import { extname } from 'node:path'
import { unread } from '../extension/reader.ts'
import { hasEntry } from '../lib/encoding/zip.ts'

/** A form of files whose text needs a reader that does not exist here: its name, and what its file can be saved as. */
type Form = { readonly name: string; readonly save: string }

const WORDS = 'save it as DOCX, PDF or text'
const TABLE = 'save it as CSV'
const SLIDES = 'save it as PDF'
const BOOK = 'save it as HTML, PDF or text'
const ARCHIVE: Form = { name: 'an archive', save: 'unpack it' }
const EMAIL: Form = { name: 'an email with encoded text', save: 'save its text, or save it as PDF' }
const WEB_ARCHIVE: Form = { name: 'a web archive', save: 'save it as HTML, PDF or text' }

/** Forms by how their files begin, as Latin-1. Texts of a form are marked at their beginning, too. */
const BY_BEGINNING: readonly (readonly [beginning: RegExp | readonly string[], form: Form])[] = [
  [/^\s*\{\\rtf/, { name: 'an RTF file', save: WORDS }],
  [/^.?%!PS/, { name: 'a PostScript file', save: 'save it as PDF' }],
  [['\x1f\x8b\x08', 'BZh91AY', '\xfd7zXZ\0', '7z\xbc\xaf', 'Rar!\x1a', '(\xb5/\xfd'], ARCHIVE],
  [['SQLite format 3\0'], { name: 'a database', save: 'save its tables as CSV' }],
  [['PAR1\x15', 'Obj\x01', 'ARROW1\0', 'FEA1\0'], { name: 'a table in binary form', save: TABLE }],
  [['bplist00'], { name: 'a binary property list', save: 'save it as XML or text' }],
  [['ITSF\x03'], { name: 'a help file (CHM)', save: BOOK }],
  [['AT&TFORM'], { name: 'a DjVu file', save: 'save it as PDF' }],
  [['\xffWPC'], { name: 'a WordPerfect file', save: WORDS }],
  [/^[\s\S]{60}BOOKMOBI/, { name: 'an e-book', save: BOOK }],
]

/** The same for XML: by the element or the instruction that it begins with. */
const BY_ROOT: readonly (readonly [root: RegExp, form: Form])[] = [
  [/<svg[\s>]/, { name: 'an SVG drawing', save: 'save it as PDF or text' }],
  [/<office:document[\s>]|<\?mso-application\s+progid="Word/, { name: 'a text document in XML', save: WORDS }],
  [/<\?mso-application\s+progid="Excel/, { name: 'a spreadsheet in XML', save: TABLE }],
  [/<FictionBook[\s>]/, { name: 'an e-book', save: BOOK }],
]

const document = (name: string): Form => ({ name, save: WORDS })
const sheet: Form = { name: 'a spreadsheet', save: TABLE }
const slides: Form = { name: 'a presentation', save: SLIDES }

/** Forms of packed files by their names. */
const BY_NAME: { readonly [ending: string]: Form } = {
  xls: sheet,
  xlsx: sheet,
  xlsm: sheet,
  xlsb: sheet,
  ods: sheet,
  numbers: sheet,
  ppt: slides,
  pptx: slides,
  pptm: slides,
  odp: slides,
  doc: document('a Word file of the old form'),
  docm: document('a Word file with macros'),
  dotx: document('a Word template'),
  odt: document('an OpenDocument text'),
  pages: document('a Pages document'),
  epub: { name: 'an e-book', save: BOOK },
  msg: { name: 'an Outlook message', save: 'save its text, or save it as PDF' },
  xps: { name: 'an XPS file', save: 'save it as PDF' },
}

/** Packed forms by names of their entries, which a zip file shows as they are. */
const BY_ENTRY: readonly (readonly [entry: RegExp, form: Form])[] = [
  [/mimetypeapplication\/epub\+zip/, BY_NAME.epub!],
  [/mimetypeapplication\/vnd\.oasis\.opendocument\.text/, BY_NAME.odt!],
  [/mimetypeapplication\/vnd\.oasis\.opendocument\.spreadsheet/, sheet],
  [/mimetypeapplication\/vnd\.oasis\.opendocument\.presentation/, slides],
  [/xl\/workbook\./, sheet],
  [/ppt\/presentation\./, slides],
]

const ZIP = 'PK\x03\x04'
/** Files of Office before 2007, and messages of Outlook. */
const COMPOUND = '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'
const OLD_OFFICE: Form = { name: 'an Office file of the old form', save: 'save it as DOCX, CSV or PDF' }
/** The list of a zip file is at its end. */
const BEGINNING = 8 * 1024
const LIST = 64 * 1024

/**
 * Refuses a file whose text needs a reader that does not exist here: its bytes may be text, and say how its text is
 * drawn, packed or encoded.
 * @throws TerminalError with the name of the form, and with advice
 */
export function refuseForm(name: string, bytes: Buffer): void {
  const form = formOf(name, bytes)
  if (form) throw unread(`it is ${form.name}; ${form.save}`, 'not_supported')
}

function formOf(name: string, bytes: Buffer): Form | undefined {
  const beginning = bytes.toString('latin1', 0, BEGINNING).replace(/^\xef\xbb\xbf/, '')
  const named = BY_NAME[extname(name).slice(1).toLowerCase()]
  if (beginning.startsWith(COMPOUND)) return named ?? OLD_OFFICE
  if (beginning.startsWith(ZIP)) {
    const entries = `${beginning}${bytes.toString('latin1', Math.max(0, bytes.length - LIST))}`
    return BY_ENTRY.find(([entry]) => entry.test(entries))?.[1] ?? named ?? ARCHIVE
  }
  const found = BY_BEGINNING.find(([mark]) => begins(beginning, mark))?.[1]
  return found ?? formOfXml(beginning) ?? formOfMail(beginning)
}

const begins = (text: string, mark: RegExp | readonly string[]) =>
  mark instanceof RegExp ? mark.test(text) : mark.some((one) => text.startsWith(one))

/** Only the first element and the text before it are looked at. */
function formOfXml(beginning: string): Form | undefined {
  if (!/^\s*</.test(beginning)) return undefined
  const [before = ''] =
    /^\s*(?:<[?!](?:[^>]*)>\s*)*(?:<[\w:]+[\s>])?/.exec(beginning.replace(/<!--[\s\S]*?(?:-->|$)/g, '')) ?? []
  return BY_ROOT.find(([root]) => root.test(before))?.[1]
}

/** An email whose text is not encoded is a text. */
function formOfMail(beginning: string): Form | undefined {
  const [headers = ''] = beginning.split(/\r?\n\r?\n/, 1)
  if (!isHeaders(headers.replace(/^From .*\r?\n/, ''))) return undefined
  if (!/^(?:MIME-Version|Content-Type):/im.test(headers)) return undefined
  if (/^(?:Content-Type: *multipart\/related|Snapshot-Content-Location:)/im.test(headers)) return WEB_ARCHIVE
  const isEncoded = /^Content-(?:Type: *multipart\/|Transfer-Encoding: *(?:base64|quoted-printable))/im.test(headers)
  return isEncoded ? EMAIL : undefined
}

/** Each line names a header, or goes on with the one before. */
function isHeaders(text: string): boolean {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/)
  return lines.every((line, at) => /^[\w-]+:.*$/.test(line) || (at > 0 && /^[ \t].*$/.test(line)))
}

/** Whether a zip file is a DOCX, whatever its name says. */
export const isWordFile = (bytes: Buffer): boolean =>
  bytes.toString('latin1', 0, 4) === ZIP && hasEntry(bytes, 'word/document.xml')
