import { expect, test } from 'vitest'
import { checkAnswer } from '../../src/chain/checks/checks.ts'
import { takeApart } from '../../src/chain/questions/take-apart.ts'
import { singleLine } from '../../src/cli/terminal/escape.ts'
import { fileOfPart } from '../../src/http/frontend/file-parts.ts'
import { withExactNumbers } from '../../src/kernel/json.ts'
import { CHANGE_MARK, settleStruck } from '../../src/lib/text/struck.ts'
import { withoutEnd } from '../../src/lib/text/without-end.ts'
import { findConditional } from '../../src/model/offline/facts/tell-value.ts'
import { plainText } from '../../src/model/text/passages.ts'
import { readyDocx, splitPageParts } from '../../src/source/docx.ts'
import { refuseForm } from '../../src/source/forms.ts'
import { parsePage } from '../../src/source/html.ts'
import { cuesOf } from '../../src/source/media/timed-text.ts'
import { parseNumericText } from '../../src/template/values/values.ts'
import { encodeContent } from '../../src/tool/builtin/filesystem/file-text.ts'
import { decodeBody } from '../../src/tool/builtin/web/decode-body.ts'
import { isContentBlock } from '../../src/tool/mcp/transport/whole-results.ts'
import { isSuperlinear } from './growth.ts'

type Row = {
  readonly reads: string
  readonly work: (text: string) => unknown
  readonly starts?: string
  /** a text is made of one of them, again and again */
  readonly units: readonly string[]
  readonly ends?: string
}

function mail(text: string) {
  refuseForm('a', Buffer.from(text))
}

function attach(text: string) {
  fileOfPart({ type: 'binary', data: `A${text}` }, 'messages')
}

function writeBase64(text: string) {
  encodeContent(`A${text}`, 'base64', 'a')
}

const block = (data: string) => isContentBlock({ type: 'image', mimeType: 'image/png', data: `A${data}` })

const choose = (text: string) => findConditional(text, ['a', 'b'])

const page = (text: string) => decodeBody(Buffer.from(text), { type: 'text/html' })

const docx = (text: string) =>
  readyDocx(
    partsOf({
      'word/document.xml': `<w:body><w:sectPr r:id="h"/>${text}`,
      'word/_rels/document.xml.rels': '<Relationship Type="a/header" Id="h" Target="header.xml">',
      'word/header.xml': `<w:hdr>${text}</w:hdr>`,
    }),
  )

const relations = (text: string) => readyDocx(partsOf({ 'word/_rels/document.xml.rels': text }))

const styles = (text: string) => readyDocx(partsOf({ 'word/styles.xml': `<w:style ${text}` }))

const partsOf = (parts: { readonly [name: string]: string }) =>
  new Map(Object.entries(parts).map(([name, text]) => [name, Buffer.from(text)]))

const quotes = (text: string) => checkAnswer(['quotes'], { text, cited: [], now: 0 })

const claims = (text: string) => checkAnswer(['cited', 'numbers'], { text, cited: [], now: 0 })

const paragraph = (text: string) => plainText(text, 'paragraph')

const cues = (text: string) => cuesOf(`1\n00:00:01,000 --> ${text.replaceAll('\n', '')}\n${text}`)

const markdown = (text: string) => parsePage(`<pre>${text}</pre>`, false)

const digits = (number: string) => withExactNumbers(`{"x":${number}}`)

function quietly(work: (text: string) => void) {
  return (text: string) => {
    try {
      work(text)
    } catch {
      // only its time counts
    }
  }
}

const BLANKS = [' ', '\n', '\t', '\r\n', 'a ', '\u00a0']

/** Everything that reads a text of any size, with texts that each took the square of their size or more. */
const ROWS: readonly Row[] = [
  { reads: 'an email', work: mail, starts: '-:', units: [' \n-:', '\n ', 'a:\n', '\r\n\t'], ends: '\r' },
  { reads: 'XML', work: mail, starts: '<?xml version="1.0"?>', units: ['<!--', '<', '<? ', '<a '] },
  { reads: 'base64 of a front end', work: quietly(attach), units: ['=', ...BLANKS], ends: '!' },
  { reads: 'base64 of a file', work: quietly(writeBase64), units: ['=', '= ', ...BLANKS], ends: '!' },
  { reads: 'base64 of an MCP server', work: block, units: ['=', ...BLANKS], ends: '!' },
  {
    reads: 'a choice',
    work: choose,
    units: ['if ', 'if not ', 'else ', 'then ', ', ', 'go to ', ...BLANKS],
    ends: 'x',
  },
  { reads: 'a choice with names', work: choose, starts: 'if ', units: BLANKS, ends: 'b, otherwise a' },
  { reads: 'the charset of a page', work: page, units: ['<meta', '<metacharset', '<meta charset', 'charset'] },
  { reads: 'the declaration of a page', work: page, starts: '<?xml', units: ['encoding', 'encoding ', 'encoding='] },
  { reads: 'struck words', work: settleStruck, units: ['.', '.)', 'a. ', ...BLANKS], ends: `a${CHANGE_MARK}b` },
  { reads: 'many struck words', work: settleStruck, units: [`a${CHANGE_MARK}b. `, CHANGE_MARK, `a ${CHANGE_MARK}\n`] },
  { reads: 'a number', work: parseNumericText, units: ['1', '1_', '1.', '.'], ends: 'x' },
  { reads: 'the digits of a number', work: digits, starts: '1.', units: ['0', '01', '.0'], ends: '1e20' },
  { reads: 'a line of a terminal', work: singleLine, units: BLANKS, ends: 'x' },
  {
    reads: 'a header of a DOCX',
    work: docx,
    units: ['<w:instrText', '<', '<w:hdr', '<w:rPr>', '<w:pict>', '<v:textpath'],
  },
  { reads: 'relations of a DOCX', work: relations, units: ['<Relationship ', '<Relationship Id="a"'] },
  {
    reads: 'styles of a DOCX',
    work: styles,
    units: ['<w:style ', '<w:style >', 'w:styleId="a"', '<w:style w:styleId="a">'],
  },
  { reads: 'the page of a DOCX', work: splitPageParts, starts: '<p>\uE0F4</p><p>\uE0F6</p>', units: ['<h1>', '<h1>a'] },
  { reads: 'a question', work: takeApart, units: [' and', ' and ', ', ', '? ', '“', '«', '(', ...BLANKS], ends: '? x' },
  {
    reads: 'quotes of an answer',
    work: quotes,
    units: ['>', '\n>', '<vid>', ' <vid>', '“', '„', '"', ...BLANKS],
    ends: 'x',
  },
  { reads: 'claims of an answer', work: claims, units: ['<vid>', ' <vid>', '. ', ...BLANKS], ends: 'x' },
  { reads: 'a paragraph', work: paragraph, units: ['*', '** ', '[', '![', '`', '<a ', '>\n', ...BLANKS], ends: 'x' },
  { reads: 'a page', work: markdown, units: BLANKS, ends: 'x' },
  { reads: 'subtitles', work: cues, units: ['<font', '{\\', '-->', ...BLANKS], ends: 'x' },
  { reads: 'an end', work: (text) => withoutEnd(text, /\s/), units: BLANKS, ends: 'x' },
]

test.each(ROWS)('$reads is read in linear time', ({ work, starts = '', units, ends = '' }) => {
  const slow = units.filter((unit) =>
    isSuperlinear(work, (size) => starts + unit.repeat(Math.ceil(size / unit.length)) + ends),
  )
  expect(slow).toEqual([])
})

test('looks at a megabyte of headers at once', () => {
  for (const count of [12, 24, 100, 1_000, 250_000]) {
    const before = process.cpuUsage()
    mail(`-:${' \n-:'.repeat(count)}\r`)
    const { user, system } = process.cpuUsage(before)
    expect(user + system).toBeLessThan(100_000)
  }
})
