import type { WalChecksum, WalFrame, WalHeader } from './format.ts'
import { FRAME_HEADER_BYTES, frameChecksum, HEADER_BYTES, readFrame, readHeader, sameChecksum } from './format.ts'

/**
 * How a write-ahead log ends. clean: after a complete transaction. torn: within an unacknowledged
 * transaction, as after a power failure. damaged: before acknowledged transactions. `at`: offset of
 * the damage. `commits`: commits found after it.
 */
export type WalVerdict =
  | { readonly end: 'clean' | 'torn' }
  | { readonly end: 'damaged'; readonly at: number; readonly commits: number }

/**
 * Verifies a log, including frames after its logical end. Each commit is on disk before the next
 * one starts, so a power failure can tear only the last transaction. A complete transaction after a
 * torn one therefore means damage. Frames with other salts are leftovers of an earlier log.
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

/** A frame and its relation to the previous one. */
type Link = {
  readonly frame: WalFrame
  readonly salts: WalChecksum
  readonly isLittle: boolean
  /** the expected checksum */
  readonly computed: WalChecksum
  /** the frame belongs to this log */
  readonly isOurs: boolean
  readonly isLinked: boolean
  readonly isGood: boolean
}

type Before = Pick<Link, 'salts' | 'isLittle' | 'computed' | 'isOurs'> & { readonly frame: Pick<WalFrame, 'stored'> }

// the salts of an invalid header may be wrong
function startOf({ isValid, salts, isLittle, stored, computed }: WalHeader, first: Uint8Array): Before {
  return { salts: isValid ? salts : readFrame(first).salts, isLittle, computed, isOurs: true, frame: { stored } }
}

/** Whether the frames belong to the log before this header, which is torn: the header has the next salt. */
function isNext({ salts: [first, second] }: WalHeader, { salts }: WalFrame): boolean {
  return first === (salts[0] + 1) >>> 0 && second !== salts[1]
}

const NO_SALTS = [0, 0] as const

/** `isSearch`: after a bad frame, its stored checksum may be the bad part. */
function follow(bytes: Uint8Array, before: Before, isSearch: boolean): Link {
  const { isLittle } = before
  const frame = readFrame(bytes)
  // the first sector is lost, with the salts of the first frame
  const salts = sameChecksum(before.salts, NO_SALTS) ? frame.salts : before.salts
  const isOurs = sameChecksum(frame.salts, salts)
  // shortcut: two foreign frames in a row are usually leftovers of an earlier log
  if (!isOurs && !before.isOurs)
    return { frame, salts, isLittle, computed: frame.stored, isOurs, isLinked: false, isGood: false }
  const computed = frameChecksum(bytes, before.frame.stored, isLittle)
  const isContinued = () => sameChecksum(frameChecksum(bytes, before.computed, isLittle), frame.stored)
  const isLinked = sameChecksum(computed, frame.stored) || (isSearch && isContinued())
  return { frame, salts, isLittle, computed, isOurs, isLinked, isGood: isLinked && isOurs && frame.number > 0 }
}

/** The state of the search after the first bad frame. */
type Search = {
  readonly at: number
  /** the search has passed the end of the bad frame's transaction */
  readonly isAfterEnd: boolean
  /** all frames since the last commit are good */
  readonly isWhole: boolean
  /** some later frames belong to this log */
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

/** A disk writes a sector atomically. */
const SECTOR_BYTES = 512
/** Page number, size and salts of a frame. */
const FRAME_ID_BYTES = 16

/** Whether the frame ends a transaction. For a bad frame, the header counts only if it lies within one sector. */
function isEnd({ frame: { commit }, isLinked, isOurs }: Link, at: number): boolean {
  return commit > 0 && (isLinked || (isOurs && (at % SECTOR_BYTES) + FRAME_ID_BYTES <= SECTOR_BYTES))
}
