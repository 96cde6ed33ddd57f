import { fileOfBytes, readWith } from '../extension/read.ts'
import { unread } from '../extension/reader.ts'
import { counted } from '../lib/text/counted.ts'
import { CHANGE_MARK } from '../lib/text/struck.ts'
import { DOCX_TYPE, type ParsedFile } from './document.ts'
import { parsePage } from './html.ts'

/**
 * Reads the text of a DOCX with its headings, lists, tables, page headers and footers. Tracked changes are read as
 * accepted. Pictures and comments are gaps. `module`: the extension that reads it.
 * @throws TerminalError if it is not a DOCX, or if its parts are too large
 */
export async function parseDocx(bytes: Buffer, name: string, module: string): Promise<ParsedFile> {
  const file = fileOfBytes({ name, type: DOCX_TYPE, bytes })
  const { parts, changes, comments } = readyDocx(await file.unpack().catch(brokenIfNoZip))
  const read = await readWith(module, { ...file, unpack: async () => parts })
  if (read.form !== 'html') throw unread(`its reader gave ${read.form} and no html`)
  const parsed = parsePage(splitPageParts(read.html), false)
  const gaps = [
    ...(read.gaps ?? []),
    ...(changes > 0 ? [`it has ${counted(changes, 'tracked change')}, and is read as if all were accepted`] : []),
    ...(comments > 0
      ? [`it has ${counted(comments, 'comment')}, which ${comments === 1 ? 'is' : 'are'} not read`]
      : []),
  ]
  return { ...parsed, type: DOCX_TYPE, gaps: [...gaps, ...parsed.gaps] }
}

function brokenIfNoZip(error: Error & { readonly code?: string }): never {
  throw error.code === 'bad_value' ? unread('it is a broken DOCX', 'bad_value') : error
}

type Parts = ReadonlyMap<string, Uint8Array>

/** The parts of a DOCX as its parser shall read them, and what it does not read. */
type ReadyDocx = { readonly parts: Parts; readonly changes: number; readonly comments: number }

const RUN_PROPERTIES = /<w:rPr>.*?(?:<\/w:rPr>|$)/gs
const OFF = /<w:d?strike\s+w:val="(?:0|false|off|none)"\s*\/>/g
const CHANGE = /<w:(?:ins|del|moveFrom|moveTo|cellIns|cellDel)(?=[\s>])/g
const CHANGE_END = /<\/w:(?:ins|del|moveTo|moveFrom)>/g
/** Signs of private use that begin the page headers, the page footers and the text. */
const [HEADER, FOOTER, TEXT] = ['\uE0F4', '\uE0F5', '\uE0F6']

/**
 * Makes ready what the parser passes over: text that is struck twice or by its style counts as struck, tracked changes
 * are marked, and page headers and footers precede the text, where `splitPageParts` finds them.
 */
export function readyDocx(parts: Parts): ReadyDocx {
  const main = mainPart(parts)
  const [folder, name] = [main.slice(0, main.lastIndexOf('/') + 1), main.slice(main.lastIndexOf('/') + 1)]
  const styles = struckStyles(textOf(parts, `${folder}styles.xml`))
  const written = textOf(parts, main)
  const related = relationsOf(textOf(parts, `${folder}_rels/${name}.rels`))
  const used = new Set(written.match(/r:id="[^"]*"/g))
  const isUsed = ({ id }: Relation) => used.has(`r:id="${id}"`)
  const bodiesOf = (kind: string) =>
    related
      .filter((relation) => relation.kind === kind && isUsed(relation))
      .map(({ target }) => bodyOf(textOf(parts, target.startsWith('/') ? target.slice(1) : folder + target)))
      .filter(isSaid)
  const pageParts = [
    ...[paragraphOf(HEADER), ...new Set(bodiesOf('header'))],
    ...[paragraphOf(FOOTER), ...new Set(bodiesOf('footer')), paragraphOf(TEXT)],
  ]
  const readied = new Map(parts)
  let changes = 0
  const notes = ['footnotes.xml', 'endnotes.xml'].map((part) => folder + part).filter((part) => parts.has(part))
  for (const part of [main, ...notes]) {
    const xml =
      part === main ? written.replace(/<w:body\b[^<>]*>/, (body) => body + pageParts.join('')) : textOf(parts, part)
    changes += xml.match(CHANGE)?.length ?? 0
    readied.set(part, Buffer.from(markChanges(markStruck(xml, styles))))
  }
  const comments = textOf(parts, `${folder}comments.xml`).match(/<w:comment[\s>]/g)?.length ?? 0
  return { parts: readied, changes, comments }
}

/** The page with its page headers and footers behind its text, under headings below its title. */
export function splitPageParts(html: string): string {
  const [before, after] = [html.indexOf(`<p>${HEADER}</p>`), html.indexOf(`<p>${TEXT}</p>`)]
  if (before < 0 || after < 0) return html
  const [, header = '', footer = ''] = html.slice(before, after).split(new RegExp(`<p>[${HEADER}${FOOTER}]</p>`))
  const text = html.slice(after + TEXT.length + '<p></p>'.length)
  const [title = ''] = /<h1>(?:(?!<\/?h1>).)*<\/h1>/s.exec(text) ?? []
  const level = title === '' ? 'h1' : 'h2'
  const sections = [
    ['Page header', header],
    ['Page footer', footer],
  ].filter(([, part]) => part !== '')
  const shown = sections.map(([name, part]) => `<${level}>${name}</${level}>${part}`)
  return shown.length === 0 ? text : `${text}${title}${shown.join('')}`
}

/** Whether a page header or footer says more than the number of its page. */
function isSaid(body: string): boolean {
  const text = body.replace(/<w:instrText\b[^>]*(?:>|$)[^<]*/g, '').replace(/<[^>]*(?:>|$)/g, '')
  return /\p{L}/u.test(text.replace(/(?<!\p{L})(?:page|seite|of|von|p)(?!\p{L})/giu, ''))
}

const textOf = (parts: Parts, name: string) => Buffer.from(parts.get(name) ?? '').toString('utf8')

const paragraphOf = (text: string) => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`

type Relation = { readonly kind: string; readonly id: string; readonly target: string }

function relationsOf(xml: string): readonly Relation[] {
  return [...xml.matchAll(/<Relationship\s[^<>]*>/g)].map(([tag]) => {
    const attribute = (name: string) => new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? ''
    return { kind: attribute('Type').replace(/^.*\//, ''), id: attribute('Id'), target: attribute('Target') }
  })
}

function mainPart(parts: Parts): string {
  const found = relationsOf(textOf(parts, '_rels/.rels')).find(({ kind }) => kind === 'officeDocument')
  const target = found?.target.replace(/^\//, '') ?? ''
  return parts.has(target) ? target : 'word/document.xml'
}

/** The paragraphs of a page header or footer. Pictures and links have other addresses there; a watermark is a text. */
function bodyOf(xml: string): string {
  const [, behind = ''] = /<w:(?:hdr|ftr)\b[^<>]*>(.*)$/s.exec(xml) ?? []
  const body = behind.slice(0, Math.max(0, behind.lastIndexOf('</w:hdr>'), behind.lastIndexOf('</w:ftr>')))
  const boxes = [...body.matchAll(/<w:txbxContent>(.*?)(?:<\/w:txbxContent>|$)/gs)].map(([, box = '']) => box)
  const marks = [...body.matchAll(/<v:textpath\b[^<>]*?\sstring="([^"<]*)"/g)].map(([, mark = '']) => paragraphOf(mark))
  const plain = body
    .replace(/<mc:AlternateContent>.*?(?:<\/mc:AlternateContent>|$)|<w:(drawing|pict|object)\b.*?(?:<\/w:\1>|$)/gs, '')
    .replace(/\sr:\w+="[^"]*"/g, '')
  return [plain, ...new Set(boxes), ...marks].join('')
}

function struckStyles(xml: string): ReadonlySet<string> {
  const styles = [...xml.matchAll(/<w:style\s([^<>]*)>(.*?)(?:<\/w:style>|$)/gs)]
  const struck = styles.filter(([, , style = '']) => isOn(style))
  return new Set(struck.map(([, attributes = '']) => /w:styleId="([^"]*)"/.exec(attributes)?.[1] ?? ''))
}

const isOn = (properties: string) => /<w:d?strike[\s/]/.test(properties.replace(OFF, ''))

/** The parser knows only text that is struck once, at its place. */
function markStruck(xml: string, styles: ReadonlySet<string>): string {
  return xml.replace(RUN_PROPERTIES, (properties) => {
    const [, style = ''] = /<w:rStyle\s+w:val="([^"]*)"/.exec(properties) ?? []
    const isStruck = isOn(properties) || (styles.has(style) && properties.search(OFF) < 0)
    const plain = properties.replace(/<w:d?strike(?:\s[^<>]*)?\/>/g, '')
    return isStruck ? plain.replace('<w:rPr>', '<w:rPr><w:strike/>') : plain
  })
}

/** Moved text stands where it went, also for parsers that know no moves. */
function markChanges(xml: string): string {
  return xml
    .replace(CHANGE_END, (end) => `${end}<w:r><w:t>${CHANGE_MARK}</w:t></w:r>`)
    .replace(/<\/?w:moveTo(?:\s[^<>]*)?>/g, '')
}
