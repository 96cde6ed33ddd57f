import { type DecodedText, decodeText, encodingNote, encodingOf, isDecoded } from '../../../lib/encoding/encoding.ts'
import type { ToolContext } from '../../tool.ts'

/**
 * The text of a body: in the encoding that the caller names, by its byte order mark, in the charset that the server or
 * the page declares, or by what it contains if it is not a text in that charset. Undefined: it is not a text.
 */
export function decodeBody(
  body: Uint8Array,
  { type, encoding }: { readonly type: string; readonly encoding?: string | undefined },
): DecodedText | undefined {
  if (encoding === undefined && MEDIA.test(type)) return undefined
  const found = decodeText(body, encoding)
  if (encoding !== undefined || (isDecoded(found) && found.hasMark)) return isDecoded(found) ? found : undefined
  const declared = charsetIn(type) ?? (/html|xml/i.test(type) ? charsetInPage(body) : undefined)
  const read = declared === undefined ? found : decodeText(body, declared)
  if (isDecoded(read)) return read
  return isDecoded(found) ? found : undefined
}

/** Types that are never a text. */
const MEDIA = /^\s*(?:(?:image|audio|video|font)\/(?!svg)|application\/(?:pdf|zip|gzip)\b)/i

/** Tells how a body was read, if nobody declared its encoding. */
export function tellEncoding(name: string, read: DecodedText, { tell }: Pick<ToolContext, 'tell'>): void {
  const note = encodingNote(name, read)
  if (note !== undefined) tell?.({ warning: note })
}

function charsetIn(text: string): string | undefined {
  const [, charset] = /charset\s*=\s*["']?([\w.:-]+)/i.exec(text) ?? []
  return charset === undefined ? undefined : encodingOf(charset.toLowerCase().replace(/^latin1$/, 'iso-8859-1'))
}

/** A page declares its charset in its first bytes, as `<meta charset>` or in the declaration of XML. */
function charsetInPage(body: Uint8Array): string | undefined {
  const head = Buffer.from(body.subarray(0, DECLARING_BYTES)).toString('latin1')
  const tags = head.match(/<meta[^>]*(?:>|$)/gi) ?? []
  const declaration = tags.find((tag) => tag.endsWith('>') && /charset/i.test(tag)) ?? ''
  const [, xml] = /^\s*<\?xml[^>]*encoding\s*=\s*["']([\w.:-]+)/i.exec(head) ?? []
  // a declaration that could be read is not in UTF-16
  const found = charsetIn(declaration) ?? (xml === undefined ? undefined : encodingOf(xml))
  return found?.startsWith('utf-16') ? 'utf-8' : found
}

const DECLARING_BYTES = 4096
