import type { Hit } from '../../thread/protocol/phase-types.ts'

/** A text with checked citations: unknown ids are unwrapped and reported, the others listed in first-seen order. */
type CheckedCitations = {
  readonly text: string
  readonly cited: readonly Hit[]
  readonly invalid: readonly string[]
}

/** A citation tag with its ids, or half of such a tag. */
const TAG = /<vid>([^<]{0,200})<\/vid>|<\/?vid>/gi
/** Some models write `[v1]` or `[v1, v2]` instead of a tag; the text of a link does not count. */
const BRACKETS = /\[([vwpt]\d{1,3}(?:[,;]? [vwpt]\d{1,3}){0,7})\](?!\()/g
const RANK = /(?<![\w#&])#(\d{1,3})\b/g

/**
 * Checks `<vid>id</vid>` against the hits of this ask. With `ranks`, `#n` means the n-th hit, for texts of the older
 * convention; without `ranks` it is plain text. `[v1]` counts as a citation if `v1` is a hit.
 */
export function checkCitations(text: string, hits: readonly Hit[], { ranks = false } = {}): CheckedCitations {
  const known = new Map(hits.map((hit) => [hit.vid, hit]))
  const invalid = new Set<string>()
  const tagged = tagBrackets(ranks ? tagRanks(text, hits) : text, known)
  const settled = tagged.replace(TAG, (_, inner: string | undefined) => settle(inner, known, invalid))
  // removing a tag may join the text around it to a new tag: such a tag is shown as it is
  const safe = settled.replace(TAG, (tag, inner = '') => (known.has(inner) ? tag : tag.replaceAll('<', '‹')))
  const cited = new Set([...safe.matchAll(TAG)].map(([, vid = '']) => known.get(vid)!))
  return { text: safe, cited: [...cited], invalid: [...invalid] }
}

/** The text without citation tags and their ids. */
export function stripCitations(text: string): string {
  return text.replace(/(?<!\s)\s*<vid>[^<]{0,200}<\/vid>/gi, '').replace(/<\/?vid>/gi, '')
}

/** A known id keeps its tag, an unknown one loses it. Several ids in one tag get a tag each; half a tag is removed. */
function settle(inner: string | undefined, known: ReadonlyMap<string, Hit>, invalid: Set<string>): string {
  const ids = inner?.split(/[\s,;]+/).filter(Boolean) ?? []
  for (const id of ids) if (!known.has(id)) invalid.add(id)
  return ids.map((id) => (known.has(id) ? citationTag(id) : id)).join(' ')
}

/** The citation of an id in a text. */
export const citationTag = (vid: string): string => `<vid>${vid}</vid>`

function tagBrackets(text: string, known: ReadonlyMap<string, Hit>): string {
  return text.replace(BRACKETS, (brackets, inner: string) => {
    const ids = inner.split(/[,; ]+/)
    return ids.every((id) => known.has(id)) ? ids.map(citationTag).join(' ') : brackets
  })
}

function tagRanks(text: string, hits: readonly Hit[]): string {
  return text.replace(RANK, (rank, digits: string) => {
    const hit = hits[Number(digits) - 1]
    return hit ? citationTag(hit.vid) : rank
  })
}
