/** A tag in a text: its instruction, its attributes, and the name of its answer in the surrounding text. */
export type FoundTag = {
  readonly name: string
  readonly attributes: { readonly [name: string]: string }
  readonly instruction: string
  /** where the instruction starts in the text it was found in */
  readonly at: number
  /** whether the tag is the whole text */
  readonly whole: boolean
  /** whether it is inside another tag */
  readonly nested: boolean
  /** whether it is between quotes */
  readonly quoted: boolean
}

/** A text of the same length with `{{ name }}` for each tag, and the tags, inner ones first; or a fault, and where. */
type TagSearchResult =
  | { readonly text: string; readonly tags: readonly FoundTag[] }
  | { readonly wrong: string; readonly at: number }

type OpenTag = {
  readonly start: number
  readonly inner: number
  readonly attributes: string
  readonly children: ClosedTag[]
}
type ClosedTag = OpenTag & { readonly end: number; readonly close: number }

const TAG_MARK = /<AUTO((?:\s(?:"[^"]*"|'[^']*'|[^"'<>])*)?)>|<\/AUTO>/g
const ATTRIBUTE = /(?<![\w-])([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))/g

const TAG_PATTERN = /<\/?AUTO[\s>]/
export const hasAutoTag = (text: string) => TAG_PATTERN.test(text)

/** Finds the tags of a text; `name` gives the next free name. An open tag at the start covers the whole text. */
export function findAutoTags(text: string, name: () => string): TagSearchResult {
  const masked = withoutTemplates(text)
  const tree = parseTags(masked)
  if ('wrong' in tree) return tree
  const tags: FoundTag[] = []
  const replaced = replaceTags(text, { from: 0, to: text.length, within: tree.tags, nested: false }, name, tags)
  if (hasAutoTag(tags.reduce((rest, tag) => rest + tag.instruction, replaced)))
    return { wrong: 'an <AUTO> tag is not allowed inside {{ }} or {% %}', at: templateAroundTag(text, masked) }
  return { text: replaced, tags }
}

const CLOSERS: { readonly [opener: string]: string } = { '{': '}}', '%': '%}', '#': '#}' }

/** The text with spaces for templates, of the same length: a tag inside a template is not a tag. */
function withoutTemplates(text: string): string {
  const open = new Set<string>()
  let masked = ''
  let done = 0
  for (const { index } of text.matchAll(/\{(?=[{%#])/g)) {
    const closer = CLOSERS[text[index + 1]!]!
    if (index < done || open.has(closer)) continue
    const end = text.indexOf(closer, index + 2)
    if (end < 0) open.add(closer)
    else {
      masked += text.slice(done, index) + ' '.repeat(end + 2 - index)
      done = end + 2
    }
  }
  return masked + text.slice(done)
}

/** The offset of the first template that contains a tag. */
function templateAroundTag(text: string, masked: string): number {
  const tag = [...text.matchAll(new RegExp(TAG_PATTERN, 'g'))].find(({ index }) => masked[index] === ' ')?.index ?? 0
  return Math.max(0, ...Object.keys(CLOSERS).map((sign) => text.lastIndexOf(`{${sign}`, tag)))
}

/** Maximum levels of nested tags. */
const MAX_TAG_DEPTH = 20

function parseTags(
  masked: string,
): { readonly tags: readonly ClosedTag[] } | { readonly wrong: string; readonly at: number } {
  const root: ClosedTag[] = []
  const open: OpenTag[] = []
  for (const { 0: mark, 1: attributes = '', index } of masked.matchAll(TAG_MARK)) {
    if (mark !== '</AUTO>') {
      if (open.length === MAX_TAG_DEPTH)
        return { wrong: `<AUTO> tags are nested deeper than ${MAX_TAG_DEPTH}`, at: index }
      open.push({ start: index, inner: index + mark.length, attributes, children: [] })
      continue
    }
    const tag = open.pop()
    if (!tag) return { wrong: 'this </AUTO> closes no tag', at: index }
    ;(open.at(-1)?.children ?? root).push({ ...tag, close: index, end: index + mark.length })
  }
  const [first, ...others] = open
  if (!first) return { tags: root }
  const wholeText = others.length === 0 && root.length === 0 && masked.slice(0, first.start).trim() === ''
  if (!wholeText || first.children.length > 0)
    return { wrong: 'this <AUTO> is not closed, and its end is ambiguous', at: first.start }
  return { tags: [{ ...first, close: masked.length, end: masked.length }] }
}

type TagRange = {
  readonly from: number
  readonly to: number
  readonly within: readonly ClosedTag[]
  readonly nested: boolean
}

function replaceTags(
  text: string,
  { from, to, within, nested }: TagRange,
  name: () => string,
  tags: FoundTag[],
): string {
  let result = ''
  let at = from
  for (const tag of within) {
    const instruction = replaceTags(
      text,
      { from: tag.inner, to: tag.close, within: tag.children, nested: true },
      name,
      tags,
    )
    const before = text.slice(from, tag.start)
    const after = text.slice(tag.end, to)
    const own: FoundTag = {
      name: name(),
      attributes: attributesIn(text.slice(tag.start, tag.inner)),
      instruction,
      at: tag.inner,
      nested,
      whole: within.length === 1 && before.trim() === '' && after.trim() === '',
      quoted: /["']$/.test(before.trimEnd().slice(-1)) && /^\s*["']/.test(after),
    }
    tags.push(own)
    result += text.slice(at, tag.start) + placeholder(own.name, text.slice(tag.start, tag.end))
    at = tag.end
  }
  return result + text.slice(at, to)
}

/** A replacement with the length and the line breaks of the tag, so that the text after it keeps its place. */
function placeholder(name: string, tag: string): string {
  const rest = tag.slice(name.length + 4).replace(/[^\n]/g, ' ')
  const lost = tag.slice(0, name.length + 4).replace(/[^\n]/g, '')
  return `{{${name}${lost}${rest.slice(lost.length)}}}`
}

function attributesIn(opening: string): { readonly [name: string]: string } {
  const found = opening.slice('<AUTO'.length, -1).matchAll(ATTRIBUTE)
  return Object.fromEntries(
    [...found].map(([, name, double, single, bare]) => [name!.toLowerCase(), double ?? single ?? bare ?? '']),
  )
}
