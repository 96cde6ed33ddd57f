/** A piece of a line of a text. `mark`: a source that supports what stands before it. */
export type Span =
  | { readonly type: 'text' | 'strong' | 'code'; readonly text: string }
  | { readonly type: 'mark'; readonly vid: string }

export type Block =
  | { readonly type: 'paragraph' | 'heading'; readonly spans: readonly Span[] }
  | { readonly type: 'list'; readonly items: readonly (readonly Span[])[] }
  | { readonly type: 'code'; readonly text: string }

/**
 * The blocks of an answer: the small part of Markdown that models write most. Links and pictures stay text, so that
 * nothing in an answer leads anywhere. Pure.
 */
export function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = []
  let paragraph: string[] = []
  let items: string[] = []
  const flush = () => {
    if (paragraph.length > 0) blocks.push({ type: 'paragraph', spans: spansOf(paragraph.join('\n')) })
    if (items.length > 0) blocks.push({ type: 'list', items: items.map(spansOf) })
    paragraph = []
    items = []
  }
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!
    const [, item] = /^\s*(?:[-*+]|\d{1,3}[.)])\s+(.*)/.exec(line) ?? []
    const [, heading] = /^#{1,6}\s+(.*)/.exec(line) ?? []
    if (/^\s*```/.test(line)) {
      flush()
      const end = lines.findIndex((other, index) => index > at && /^\s*```\s*$/.test(other))
      const last = end < 0 ? lines.length : end
      blocks.push({ type: 'code', text: lines.slice(at + 1, last).join('\n') })
      at = last
    } else if (heading !== undefined) {
      flush()
      blocks.push({ type: 'heading', spans: spansOf(heading) })
    } else if (item !== undefined) {
      if (paragraph.length > 0) flush()
      items.push(item)
    } else if (line.trim() === '') flush()
    else if (items.length > 0 && /^\s/.test(line)) items[items.length - 1] += `\n${line.trim()}`
    else {
      if (items.length > 0) flush()
      paragraph.push(line)
    }
  }
  flush()
  return blocks
}

const MARKED = /<vid>([^<\n]{1,100})<\/vid>|`([^`\n]+)`|\*\*([^*\n]+)\*\*/g

function spansOf(text: string): readonly Span[] {
  const spans: Span[] = []
  let from = 0
  for (const { 0: whole, 1: vid, 2: code, 3: strong, index } of text.matchAll(MARKED)) {
    if (index > from) spans.push({ type: 'text', text: text.slice(from, index) })
    if (vid !== undefined) spans.push({ type: 'mark', vid })
    else spans.push(code === undefined ? { type: 'strong', text: strong! } : { type: 'code', text: code })
    from = index + whole.length
  }
  return from < text.length ? [...spans, { type: 'text', text: text.slice(from) }] : spans
}

/** The JSON of an agent with typed answers, with a line for each field; undefined for other texts. */
export function typedAnswer(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    // a text that begins like JSON
    return undefined
  }
}
