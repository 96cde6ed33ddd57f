import { Readability } from '@mozilla/readability'
import { partMarks, settleStruck, struckMark } from '../../lib/text/struck.ts'
import { addressOf } from './address-of.ts'
import { holdsBlocks, type PageDocument, type PageElement, type PageNode } from './dom.ts'
import { markdownOf } from './markdown.ts'
import { parseHTML } from './parse-html.ts'

/** A page of HTML, and the address that relative links start from. */
export type PageSource = {
  readonly html: string
  readonly url: string
  readonly main: boolean
  readonly selector?: string
}

/** The content of a page. `text` is its text with headings, lists, links and code as markdown. */
export type WebPage = {
  readonly title: string
  readonly text: string
  readonly word_count: number
  readonly links: readonly { readonly text: string; readonly url: string }[]
  readonly images: readonly { readonly alt: string; readonly url: string }[]
  readonly metadata: { readonly [name: string]: string }
  /** the text, if `text` is only its beginning */
  readonly whole?: string
  /** the parts of the page that it has only partly */
  readonly lacks?: readonly string[]
  /** words that are struck, and left out; absent: none */
  readonly struck?: number
}

/** Maximum links and images of a result. */
const MAX_LINKS = 500
const MAX_METADATA = 100
const MAX_TEXT = 2_000_000
const MAX_ELEMENTS = 200_000

/**
 * Reads a page. With `main` its text is that of the article on it, where one can be told from the rest; with `selector`
 * that of the elements which it finds. Nothing in the page is run.
 */
export function readPage({ html, url, main, selector }: PageSource): WebPage {
  const document = parse(html)
  const title = textOf(document.querySelector('title')) || textOf(document.querySelector('h1'))
  const common = {
    title,
    links: linksIn(document, url),
    images: imagesIn(document, url),
    metadata: metadataIn(document),
  }
  const content = contentOf(document, main, selector)
  const { text: whole, words: struck } = settleStruck(content.map((element) => markdownOf(element, url)).join('\n\n'))
  const text = whole.slice(0, MAX_TEXT)
  const lacks = [...lackOf(document, 'a[href]', 'links'), ...lackOf(document, 'img[src]', 'images')]
  return {
    ...common,
    text,
    word_count: text.split(/\s+/).filter(Boolean).length,
    ...(whole.length > text.length && { whole }),
    ...(lacks.length > 0 && { lacks }),
    ...(struck > 0 && { struck }),
  }
}

function parse(html: string): PageDocument {
  // the parser adds no element that a page may leave out
  const whole = /<(?:html|body)\b/i.test(html)
    ? html
    : `<html><body>${html.replace(/^\s*<!doctype[^>]*>/i, '')}</body></html>`
  const document = parseHTML(closeTags(whole)).document as PageDocument
  strikeOut(document)
  return document
}

function contentOf(document: PageDocument, main: boolean, selector: string | undefined): readonly PageElement[] {
  if (selector !== undefined) return [...document.querySelectorAll(selector)]
  const article = main ? articleIn(document) : undefined
  const root = article ?? document.body ?? document.documentElement
  return root ? [root] : []
}

/** Deeper pages are read as a whole: the time to find an article grows with the cube of the depth. */
const MAX_ARTICLE_DEPTH = 100

function isDeep(document: PageDocument): boolean {
  let level = [...document.querySelectorAll('html')]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_ARTICLE_DEPTH) return true
    level = level.flatMap(({ children }) => [...children])
  }
  return false
}

function articleIn(document: PageDocument): PageElement | undefined {
  if (isDeep(document)) return undefined
  const copy = document.cloneNode(true)
  const found = new Readability(copy as never, { maxElemsToParse: MAX_ELEMENTS, serializer: (node) => node }).parse()
  // a page that consists of links has no article
  return found && (found.textContent?.trim().length ?? 0) > 0 ? (found.content as PageElement) : undefined
}

function lackOf(document: PageDocument, selector: string, name: string): readonly string[] {
  const { length } = [...document.querySelectorAll(selector)]
  return length > MAX_LINKS ? [`the page has ${length} ${name}, and the result only the first ${MAX_LINKS}`] : []
}

const textOf = (element: PageElement | null) =>
  partMarks(element?.textContent ?? '')
    .text.replace(/\s+/g, ' ')
    .trim()

function linksIn(document: PageDocument, base: string) {
  return [...document.querySelectorAll('a[href]')]
    .flatMap((link) => {
      const url = addressOf(link.getAttribute('href'), base)
      return url === undefined ? [] : [{ text: textOf(link).slice(0, 300), url }]
    })
    .slice(0, MAX_LINKS)
}

function imagesIn(document: PageDocument, base: string) {
  return [...document.querySelectorAll('img[src]')]
    .flatMap((image) => {
      const url = addressOf(image.getAttribute('src'), base)
      return url === undefined ? [] : [{ alt: image.getAttribute('alt')?.slice(0, 300) ?? '', url }]
    })
    .slice(0, MAX_LINKS)
}

function metadataIn(document: PageDocument): { [name: string]: string } {
  const entries = [...document.querySelectorAll('meta[content]')].flatMap((meta) => {
    const name = meta.getAttribute('name') ?? meta.getAttribute('property')
    return name === null ? [] : [[name.slice(0, 100), meta.getAttribute('content')!.slice(0, 1000)] as const]
  })
  const lang = document.documentElement?.getAttribute('lang')
  return { ...Object.fromEntries(entries.slice(0, MAX_METADATA)), ...(lang && { lang }) }
}

const TAG = /<([a-z][^\s<>/]*)((?:[\s/](?:[^<>"']|"[^"<]*"|'[^'<]*')*?)?)\/>/gi
/** An unquoted value may end with a slash: `<a href=https://example.org/>` is open. */
const UNQUOTED = /=\s*[^\s"'=]*$/
const VOID = /^(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr|basefont|frame|keygen)$/i
/** In HTML, the content of these follows a tag that ends with a slash. */
const OPEN_IN_HTML =
  /^(?:html|head|body|p|li|dt|dd|t[dhr]|thead|tbody|tfoot|table|[uod]l|option|optgroup|script|style|textarea|title|iframe|select)$/i
const XHTML = /^\s*<\?xml\b|<!doctype[^>]{0,200}\bxhtml\b|<html\b[^>]{0,500}\bxmlns\s*=/i

/** The page with ends for self-closing elements, as `<a id="x"/>`: HTML would take all that follows as content. */
function closeTags(html: string): string {
  const isXhtml = XHTML.test(html.slice(0, 4_000))
  return html.replace(TAG, (tag, name: string, attributes: string) => {
    const isOpen = VOID.test(name) || (!isXhtml && (OPEN_IN_HTML.test(name) || UNQUOTED.test(attributes)))
    return isOpen ? tag : `<${name}${attributes}></${name}>`
  })
}

/** Marks struck text of a page before its styles get lost, without style sheets. Blocks become own paragraphs. */
function strikeOut(document: PageDocument): void {
  for (const element of document.querySelectorAll('del, s, strike, [style*="line-through" i]')) {
    const isBlock = holdsBlocks(element)
    const mark = struckMark(isBlock ? textsIn(element).join(' ') : (element.textContent ?? ''))
    element.textContent = mark
    if (!isBlock || !/^(?:del|s|strike)$/.test(element.localName)) continue
    const paragraph = document.createElement('p')
    paragraph.textContent = mark
    element.replaceWith(paragraph)
  }
}

function textsIn(node: PageNode): readonly string[] {
  const texts: string[] = []
  const left = [node]
  for (let next = left.pop(); next; next = left.pop()) {
    if (next.nodeType === 3) texts.push(next.textContent ?? '')
    else if ('childNodes' in next) left.push(...[...(next.childNodes as Iterable<PageNode>)].reverse())
  }
  return texts
}
