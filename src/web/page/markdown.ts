import { ownValue } from '../../lib/own.ts'
import { addressOf } from './address-of.ts'
import type { PageElement, PageNode } from './dom.ts'

/** An element as markdown: headings, paragraphs, lists, links, code, quotes and tables. Everything else is its text. */
export function markdownOf(element: PageElement, base: string): string {
  return blockOf(element, { base, depth: 0 })
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

type Position = { readonly base: string; readonly depth: number }

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
    const inside = lineOf(element, place)
    return inside === '' ? '' : `${mark}${inside}${mark}`
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
  pre: (element) => `\n\n\`\`\`\n${(element.textContent ?? '').replace(/\n$/, '')}\n\`\`\`\n\n`,
  blockquote: (element, place) => `\n\n${childrenOf(element, place).trim().replace(/^/gm, '> ')}\n\n`,
  a(element, place) {
    const inside = lineOf(element, place)
    const url = addressOf(element.getAttribute('href'), place.base)
    return url === undefined || inside === '' ? inside : `[${inside}](${url})`
  },
  img: (element) => (element.getAttribute('alt') ? `[image: ${element.getAttribute('alt')}]` : ''),
  ul: (element, place) => listOf(element, place, () => '-'),
  ol: (element, place) => listOf(element, place, (index) => `${index + 1}.`),
  table: (element, place) => `\n\n${tableOf(element, place)}\n\n`,
}

function listOf(element: PageElement, place: Position, mark: (index: number) => string): string {
  const items = [...element.children].filter(({ localName }) => localName === 'li')
  const lines = items.map((item, index) => {
    const inside = childrenOf(item, place)
      .replace(/\n{2,}/g, '\n')
      .trim()
    return `${mark(index)} ${inside.replace(/\n/g, '\n  ')}`
  })
  return `\n\n${lines.join('\n')}\n\n`
}

function tableOf(element: PageElement, place: Position): string {
  const rows = [...element.querySelectorAll('tr')].map((row) =>
    [...row.children].map((cell) => lineOf(cell, place).replaceAll('|', '\\|')),
  )
  const [head, ...body] = rows
  if (!head) return ''
  return [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
