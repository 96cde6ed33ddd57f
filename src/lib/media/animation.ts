/** Whether the head of a GIF, PNG or WebP says that it has several pictures. A GIF says so with its second one. */
export function isAnimation(type: string, head: Buffer): boolean {
  if (type === 'image/gif') return hasSecondPicture(head)
  if (type === 'image/png') return head.subarray(0, head.indexOf('IDAT')).includes('acTL')
  const isExtended = type === 'image/webp' && head.toString('latin1', 12, 16) === 'VP8X'
  return isExtended && (head[20]! & WEBP_ANIMATION) !== 0
}

const WEBP_ANIMATION = 0x02
const [PICTURE, EXTENSION] = [0x2c, 0x21]
const [GIF_HEADER, GIF_PICTURE] = [13, 10]

/** Skips the blocks of a GIF until its second picture. */
function hasSecondPicture(head: Buffer): boolean {
  let at = GIF_HEADER + tableBytes(head[10])
  for (let pictures = 0; at < head.length; ) {
    if (head[at] === PICTURE) {
      if (++pictures === 2) return true
      // the size of its codes stands before its data
      at = afterBlocks(head, at + GIF_PICTURE + tableBytes(head[at + GIF_PICTURE - 1]) + 1)
    } else if (head[at] === EXTENSION) at = afterBlocks(head, at + 2)
    else return false
  }
  return false
}

/** The bytes of a table of colours, by the flags before it. */
const tableBytes = (flags = 0): number => (flags & 0x80 ? 3 * 2 ** ((flags & 0x07) + 1) : 0)

function afterBlocks(head: Buffer, first: number): number {
  let at = first
  while (at < head.length && head[at] !== 0) at += head[at]! + 1
  return at + 1
}
