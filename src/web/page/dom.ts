/** The part of the DOM that reading a page needs. The types of Node.js have none. */
export interface PageNode {
  readonly nodeType: number
  textContent: string | null
}

export interface PageElement extends PageNode {
  readonly localName: string
  readonly childNodes: Iterable<PageNode>
  readonly children: Iterable<PageElement>
  getAttribute(name: string): string | null
  querySelectorAll(selector: string): Iterable<PageElement>
  replaceWith(node: PageElement): void
}

export interface PageDocument {
  readonly documentElement: PageElement | null
  readonly body: PageElement | null
  querySelector(selector: string): PageElement | null
  querySelectorAll(selector: string): Iterable<PageElement>
  cloneNode(deep: true): PageDocument
  createElement(name: string): PageElement
}

/** Whether an element holds others that stand on lines of their own. */
export function holdsBlocks(element: PageElement): boolean {
  const [found] = element.querySelectorAll('p, div, table, ul, ol, dl, pre, h1, h2, h3, h4, h5, h6, blockquote')
  return found !== undefined
}
