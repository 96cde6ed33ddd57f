import { DOCX_TYPE, type ParsedFile } from './document.ts'
import { parsePage } from './html.ts'
import { unread } from './open-file.ts'
import { peerMissing } from './peer.ts'
import { unpackedBytes } from './zip.ts'

/** Maximum bytes of all parts, unpacked: the parser needs many times as much, and the heap is limited. */
const MAX_UNPACKED_BYTES = 4 * 1024 * 1024

/**
 * Reads the text of a DOCX with its headings, lists and tables. Pictures are a gap.
 * @throws InvalidError `peer_missing` that says how to install the parser; TerminalError if it is not a DOCX, or if its
 *   parts are too large
 */
export async function parseDocx(bytes: Buffer): Promise<ParsedFile> {
  const { default: mammoth } = await import('mammoth').catch(peerMissing('a DOCX', 'mammoth'))
  checkSize(bytes)
  let pictures = 0
  const convertImage = mammoth.images.imgElement(async () => {
    pictures++
    return { src: '' }
  })
  const { value: html } = await mammoth.convertToHtml({ buffer: bytes }, { convertImage }).catch(() => {
    throw broken()
  })
  const parsed = parsePage(html, false)
  const gaps = pictures > 0 ? [`${pictures} pictures are not read`] : []
  return { ...parsed, type: DOCX_TYPE, gaps: [...gaps, ...parsed.gaps] }
}

function checkSize(bytes: Buffer): void {
  const size = unpackedBytes(bytes, MAX_UNPACKED_BYTES)
  if (size === undefined) throw broken()
  if (size > MAX_UNPACKED_BYTES)
    throw unread(`it unpacks to more than ${MAX_UNPACKED_BYTES / 1024 / 1024} MiB`, 'too_large')
}

const broken = () => unread('it is a broken DOCX', 'bad_value')
