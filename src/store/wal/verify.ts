import {
  FRAME_HEADER_BYTES,
  frameChecksum,
  HEADER_BYTES,
  readFrame,
  readHeader,
  sameChecksum,
  type WalChecksum,
  type WalFrame,
  type WalHeader,
} from './format.ts'

/**
 * How a write-ahead log ends. clean: where its last transaction ends. torn: in a transaction that nobody was told of, as a power cut
 * leaves it. damaged: before transactions that were acknowledged. `at` is the byte where the damage begins, and `commits` counts the
 * ends of transactions that were found from there on.
 */
export type WalVerdict =
  | { readonly end: 'clean' | 'torn' }
  | { readonly end: 'damaged'; readonly at: number; readonly commits: number }

/**
 * Judges a log by its header and its frames in order, with those behind its end. Each commit is on disk before the next begins.
 * So a power cut tears only the last transaction, in any order of its pages, and a whole transaction behind the torn one
 * means damage. Frames with other salts come from an earlier log and mean nothing.
 */
export function verifyWal(head: Uint8Array, frames: Iterable<Uint8Array>): WalVerdict {
  const header = readHeader(head)
  let link: Link | undefined
  let isOpen = false
  let search: Search | undefined
  let index = 0
  for (const bytes of frames) {
    index++
    link = follow(bytes, link ?? startOf(header, bytes), search !== undefined)
    if (index === 1 && !header.isValid) {
      if (isNext(header, link.frame)) return { end: 'torn' }
      search = { at: 0, isAfterEnd: true, isWhole: true, isFollowed: false, isDamaged: false, commits: 0 }
    }
    if (!search && link.isGood) {
      isOpen = link.frame.commit === 0
      continue
    }
    const at = HEADER_BYTES + (index - 1) * (header.page + FRAME_HEADER_BYTES)
    search = lookOn(search ?? { ...NOTHING_SEEN, at }, link, at)
  }
  if (search?.isDamaged) return { end: 'damaged', at: search.at, commits: search.commits }
  return { end: isOpen || search?.isFollowed ? 'torn' : 'clean' }
}

/** A frame, and how it follows the one before. */
type Link = {
  readonly frame: WalFrame
  readonly salts: WalChecksum
  readonly isLittle: boolean
  /** its checksum as it should be */
  readonly computed: WalChecksum
  /** it belongs to this log */
  readonly isOurs: boolean
  readonly isLinked: boolean
  readonly isGood: boolean
}

type Before = Pick<Link, 'salts' | 'isLittle' | 'computed' | 'isOurs'> & { readonly frame: Pick<WalFrame, 'stored'> }

// the salts of a bad header may be what is bad in it
function startOf({ isValid, salts, isLittle, stored, computed }: WalHeader, first: Uint8Array): Before {
  return { salts: isValid ? salts : readFrame(first).salts, isLittle, computed, isOurs: true, frame: { stored } }
}

/** A new header over frames of the log before it, torn: it has the next salt. */
function isNext({ salts: [first, second] }: WalHeader, { salts }: WalFrame): boolean {
  return first === (salts[0] + 1) >>> 0 && second !== salts[1]
}

const NO_SALTS = [0, 0] as const

/** `isSearch`: behind a bad frame the checksum that it stored may be what is bad in it. */
function follow(bytes: Uint8Array, before: Before, isSearch: boolean): Link {
  const { isLittle } = before
  const frame = readFrame(bytes)
  // the first sector is gone, with the salts of the first frame
  const salts = sameChecksum(before.salts, NO_SALTS) ? frame.salts : before.salts
  const isOurs = sameChecksum(frame.salts, salts)
  // two foreign frames in a row: most are left from an earlier log, and many
  if (!isOurs && !before.isOurs)
    return { frame, salts, isLittle, computed: frame.stored, isOurs, isLinked: false, isGood: false }
  const computed = frameChecksum(bytes, before.frame.stored, isLittle)
  const isContinued = () => sameChecksum(frameChecksum(bytes, before.computed, isLittle), frame.stored)
  const isLinked = sameChecksum(computed, frame.stored) || (isSearch && isContinued())
  return { frame, salts, isLittle, computed, isOurs, isLinked, isGood: isLinked && isOurs && frame.number > 0 }
}

/** What was seen from the first bad frame on. */
type Search = {
  readonly at: number
  /** the end of the transaction of the bad frame was seen */
  readonly isAfterEnd: boolean
  /** every frame since the last end is good */
  readonly isWhole: boolean
  /** some frames belong to this log */
  readonly isFollowed: boolean
  readonly isDamaged: boolean
  readonly commits: number
}

const NOTHING_SEEN = { isAfterEnd: false, isWhole: false, isFollowed: false, isDamaged: false, commits: 0 }

function lookOn(search: Search, link: Link, at: number): Search {
  const isWhole = search.isWhole && link.isGood
  const seen = { ...search, isWhole, isFollowed: search.isFollowed || link.isOurs }
  if (!isEnd(link, at)) return seen
  const isDamaged = search.isDamaged || (search.isAfterEnd && isWhole)
  return { ...seen, isWhole: true, isAfterEnd: true, isDamaged, commits: search.commits + 1 }
}

/** A disk writes a sector of so many bytes whole or not at all. */
const SECTOR_BYTES = 512
/** The page number, the size and the salts of a frame. */
const FRAME_ID_BYTES = 16

/** Whether a transaction ends there. Of a frame that is bad, only a head within one sector tells: half of it may be older. */
function isEnd({ frame: { commit }, isLinked, isOurs }: Link, at: number): boolean {
  return commit > 0 && (isLinked || (isOurs && (at % SECTOR_BYTES) + FRAME_ID_BYTES <= SECTOR_BYTES))
}
