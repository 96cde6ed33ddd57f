import { counted } from '../lib/text/counted.ts'
import { DOCX_TYPE, type ParsedFile } from './document.ts'
import { readyDocx, splitPageParts } from './docx-parts.ts'
import { parsePage } from './html.ts'
import { unread } from './open-file.ts'
import { peerMissing } from './peer.ts'
import { unpack } from './zip.ts'

/** Maximum bytes of all parts, unpacked: the parser needs many times as much, and the heap is limited. */
const MAX_UNPACKED_BYTES = 4 * 1024 * 1024

/**
 * Reads the text of a DOCX with its headings, lists, tables, page headers and footers. Tracked changes are read as
 * accepted. Pictures and comments are gaps.
 * @throws InvalidError `peer_missing` that says how to install the parser; TerminalError if it is not a DOCX, or if its
 *   parts are too large
 */
export async function parseDocx(bytes: Buffer): Promise<ParsedFile> {
  const { default: mammoth } = await import('mammoth').catch(peerMissing('a DOCX', 'mammoth'))
  const { parts, changes, comments } = readyDocx(unpackParts(bytes))
  let pictures = 0
  const convertImage = mammoth.images.imgElement(async () => {
    pictures++
    return { src: '' }
  })
  const input = { file: fileOf(parts) } as unknown as Parameters<typeof mammoth.convertToHtml>[0]
  const { value: html } = await mammoth.convertToHtml(input, { convertImage }).catch(() => {
    throw broken()
  })
  const parsed = parsePage(splitPageParts(html), false)
  const gaps = [
    ...(pictures > 0 ? [`${pictures} pictures are not read`] : []),
    ...(changes > 0 ? [`it has ${counted(changes, 'tracked change')}, and is read as if all were accepted`] : []),
    ...(comments > 0
      ? [`it has ${counted(comments, 'comment')}, which ${comments === 1 ? 'is' : 'are'} not read`]
      : []),
  ]
  return { ...parsed, type: DOCX_TYPE, gaps: [...gaps, ...parsed.gaps] }
}

/** The parts as the parser reads them from a file that it opened itself. */
const fileOf = (parts: ReadonlyMap<string, Buffer>) => ({
  exists: (name: string) => parts.has(name),
  read: async (name: string, encoding?: string) =>
    encoding === undefined ? parts.get(name)! : parts.get(name)!.toString(encoding === 'base64' ? 'base64' : 'utf8'),
})

function unpackParts(bytes: Buffer): ReadonlyMap<string, Buffer> {
  const unpacked = unpack(bytes, MAX_UNPACKED_BYTES)
  if (unpacked === undefined) throw broken()
  if (unpacked.size > MAX_UNPACKED_BYTES)
    throw unread(`it unpacks to more than ${MAX_UNPACKED_BYTES / 1024 / 1024} MiB`, 'too_large')
  return unpacked.entries
}

const broken = () => unread('it is a broken DOCX', 'bad_value')
