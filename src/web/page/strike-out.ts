import { struckMark } from '../../lib/text/struck.ts'
import { holdsBlocks, type PageDocument, type PageNode } from './dom.ts'

/**
 * Puts a mark in place of all struck text of a page, before its styles get lost. Style sheets are not read. Struck
 * blocks become a paragraph of their own.
 */
export function strikeOut(document: PageDocument): void {
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
