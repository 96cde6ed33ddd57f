import { attempt } from '../flow/attempt.ts'
/** The content of a data URL. `type`: the media type that it declares; empty: it declares none. */
export type UrlContent = { readonly type: string; readonly data: Uint8Array }

const DATA_URL = /^data:([^,]{0,200}),/i
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/

/** Whether a text begins as a data URL. */
export const isDataUrl = (text: string): boolean => DATA_URL.test(text)

/** The content of a data URL; undefined: the text is none, or its data cannot be decoded. */
export function readDataUrl(text: string): UrlContent | undefined {
  const [head, declared = ''] = DATA_URL.exec(text) ?? []
  if (head === undefined) return undefined
  const [type = '', ...parameters] = declared.split(';').map((part) => part.trim().toLowerCase())
  const data = text.slice(head.length)
  const bytes = parameters.includes('base64') ? readBase64(data) : percentDecoded(data)
  return bytes && { type, data: bytes }
}

/** The bytes of base64, in either alphabet and with any space; undefined: it is something else. */
export function readBase64(text: string): Uint8Array | undefined {
  const bare = text.replace(/\s/g, '')
  return BASE64.test(bare) ? Buffer.from(bare, 'base64') : undefined
}

const percentDecoded = (text: string): Uint8Array | undefined => attempt(() => Buffer.from(decodeURIComponent(text)))
