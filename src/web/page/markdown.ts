import { ownValue } from '../../lib/own.ts'
import { partMarks } from '../../lib/text/struck.ts'
import { addressOf } from './address-of.ts'
import { holdsBlocks, type PageElement, type PageNode } from './dom.ts'
import { tableOf } from './table.ts'

/**
 * An element as markdown: headings, paragraphs, lists, links, code, quotes and tables. Everything else is its text.
 * Marks of `lib/text/struck` stay as they are.
 */
export function markdownOf(element: PageElement, base: string): string {
  return blockOf(element, { base, depth: 0 })
    .replace(/(?<![ \t])[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

type Position = { readonly base: string; readonly depth: number; readonly inCell?: true }

/** Deeper elements are left out: a page may nest without end. */
const MAX_DEPTH = 200

const SKIPPED = new Set([
  'script',
  'style',
  'noscript',
  'template',
  'svg',
  'iframe',
  'object',
  'head',
  'button',
  'select',
])
const BLOCKS = new Set([
  'p',
  'div',
  'section',
  'article',
  'main',
  'header',
  'footer',
  'aside',
  'nav',
  'figure',
  'figcaption',
  'dl',
  'dt',
  'dd',
  'form',
  'fieldset',
  'body',
  'html',
  'address',
  'details',
  'summary',
])

function blockOf(node: PageNode, place: Position): string {
  if (place.depth > MAX_DEPTH) return ''
  if (node.nodeType === 3) return (node.textContent ?? '').replace(/\s+/g, ' ')
  if (node.nodeType !== 1) return ''
  const element = node as PageElement
  const name = element.localName
  if (SKIPPED.has(name)) return ''
  const render = ownValue(ELEMENTS, name)
  if (render) return render(element, place)
  const inside = childrenOf(element, place)
  return BLOCKS.has(name) ? `\n\n${inside.trim()}\n\n` : inside
}

function childrenOf(element: PageElement, place: Position): string {
  const below = { ...place, depth: place.depth + 1 }
  return [...element.childNodes].map((child) => blockOf(child, below)).join('')
}

const lineOf = (element: PageElement, place: Position) => childrenOf(element, place).replace(/\s+/g, ' ').trim()

type Render = (element: PageElement, place: Position) => string

const heading =
  (level: number): Render =>
  (element, place) =>
    `\n\n${'#'.repeat(level)} ${lineOf(element, place)}\n\n`
const around =
  (mark: string): Render =>
  (element, place) => {
    if (holdsBlocks(element)) return childrenOf(element, place)
    const inside = lineOf(element, place)
    return partMarks(inside).text === '' ? inside : `${mark}${inside}${mark}`
  }

const ELEMENTS: { readonly [name: string]: Render | undefined } = {
  h1: heading(1),
  h2: heading(2),
  h3: heading(3),
  h4: heading(4),
  h5: heading(5),
  h6: heading(6),
  br: () => '\n',
  hr: () => '\n\n---\n\n',
  strong: around('**'),
  b: around('**'),
  em: around('*'),
  i: around('*'),
  code: around('`'),
  pre(element) {
    const { text, marks } = partMarks(element.textContent ?? '')
    return `\n\n\`\`\`\n${text.replace(/\n$/, '')}\n\`\`\`\n\n${marks}\n\n`
  },
  blockquote: (element, place) => `\n\n${childrenOf(element, place).trim().replace(/^/gm, '> ')}\n\n`,
  a(element, place) {
    // an anchor without an address is no link, and a link around blocks would put them on one line
    if (element.getAttribute('href') === null || holdsBlocks(element)) return childrenOf(element, place)
    const inside = lineOf(element, place)
    const url = addressOf(element.getAttribute('href'), place.base)
    return url === undefined || inside === '' ? inside : `[${inside}](${url})`
  },
  img: (element) => (element.getAttribute('alt') ? `[image: ${element.getAttribute('alt')}]` : ''),
  ul: (element, place) => listOf(element, place, () => '-'),
  ol: (element, place) => listOf(element, place, (index) => `${index + 1}.`),
  table(element, place) {
    const ways = {
      lineOf: (cell: PageElement) => lineOf(cell, { ...place, inCell: true }),
      blockOf: (cell: PageElement) => childrenOf(cell, place),
    }
    const table = tableOf(element, ways, place.inCell ?? false)
    return place.inCell ? ` ${table} ` : `\n\n${table}\n\n`
  },
}

function listOf(element: PageElement, place: Position, mark: (index: number) => string): string {
  let items = 0
  const below = { ...place, depth: place.depth + 1 }
  const lines = [...element.childNodes].flatMap((node) => {
    const isItem = (node as PageElement).localName === 'li'
    const inside = (isItem ? childrenOf(node as PageElement, place) : blockOf(node, below))
      .replace(/\n{2,}/g, '\n')
      .trim()
    if (!isItem) return inside === '' ? [] : [inside]
    return `${mark(items++)} ${inside.replace(/\n/g, '\n  ')}`
  })
  return `\n\n${lines.join('\n')}\n\n`
}
