import type { Hit } from './types.ts'

/** A text whose citations were checked: unknown ids are unwrapped and reported, the others kept in first-seen order. */
export type CheckedCitations = {
  readonly text: string
  readonly cited: readonly Hit[]
  readonly invalid: readonly string[]
}

const TAG = /<vid>([^<]{0,200})<\/vid>/gi
const RANK = /(?<![\w#&])#(\d{1,3})\b/g

/**
 * Checks `<vid>id</vid>` against what was retrieved in this ask. With `ranks`, `#n` means the n-th hit, for texts made
 * by the older convention; without, it is plain text.
 */
export function checkCitations(text: string, hits: readonly Hit[], { ranks = false } = {}): CheckedCitations {
  const known = new Map(hits.map((hit) => [hit.vid, hit]))
  const cited = new Set<Hit>()
  const invalid = new Set<string>()
  const tagged = ranks ? tagRanks(text, hits) : text
  const marked = tagged.replace(TAG, (_, inner: string) => tagsFor(inner, known, cited, invalid))
  return { text: dropStrays(marked), cited: [...cited], invalid: [...invalid] }
}

/** The text without its tags and the ids in them. */
export function withoutCitations(text: string): string {
  return text.replace(/\s*<vid>[^<]{0,200}<\/vid>/gi, '').replace(/<\/?vid>/gi, '')
}

/** `<vid>v1</vid>` for a known id; an unknown one as it stands. A tag with several ids becomes several tags. */
function tagsFor(inner: string, known: ReadonlyMap<string, Hit>, cited: Set<Hit>, invalid: Set<string>): string {
  const whole = known.has(inner.trim()) ? [inner.trim()] : inner.split(/[\s,;]+/).filter(Boolean)
  return whole
    .map((id) => {
      const hit = known.get(id)
      if (hit) cited.add(hit)
      else invalid.add(id)
      return hit ? citationTag(id) : id
    })
    .join(' ')
}

/** How an id is cited in a text. */
export function citationTag(vid: string): string {
  return `<vid>${vid}</vid>`
}

function tagRanks(text: string, hits: readonly Hit[]): string {
  return text.replace(RANK, (rank, digits: string) => {
    const hit = hits[Number(digits) - 1]
    return hit ? citationTag(hit.vid) : rank
  })
}

/** Tags without a partner go. */
function dropStrays(text: string): string {
  return text.replace(/(<vid>[^<]*<\/vid>)|<\/?vid>/gi, (_, whole: string | undefined) => whole ?? '')
}
