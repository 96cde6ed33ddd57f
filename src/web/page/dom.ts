/** The part of the DOM that reading a page needs. The types of Node.js have none. */
export interface PageNode {
  readonly nodeType: number
  readonly textContent: string | null
}

export interface PageElement extends PageNode {
  readonly localName: string
  readonly childNodes: Iterable<PageNode>
  readonly children: Iterable<PageElement>
  getAttribute(name: string): string | null
  querySelectorAll(selector: string): Iterable<PageElement>
}

export interface PageDocument {
  readonly documentElement: PageElement | null
  readonly body: PageElement | null
  querySelector(selector: string): PageElement | null
  querySelectorAll(selector: string): Iterable<PageElement>
  cloneNode(deep: true): PageDocument
}
