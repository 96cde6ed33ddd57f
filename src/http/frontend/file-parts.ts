import { hash } from 'node:crypto'
import { InvalidError } from '../../errors.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import { isDataUrl, readBase64, readDataUrl } from '../../lib/media/data-url.ts'
import { addressOfFile, fileIdOf, isFileId } from '../../lib/media/file-ref.ts'
import type { SentFile } from '../authorize/sent-files.ts'
import type { AgUiMessage } from './ag-ui-events.ts'

type Part = { readonly [field: string]: unknown }

/** The file of a part of `useChat` or AG-UI; undefined: the part is something else. InvalidError for a wrong one. */
export function fileOfPart(part: Part, place: string): SentFile | undefined {
  const { type, filename, name } = part
  const named = [filename, name].find((one) => typeof one === 'string')
  const about = { place, ...(typeof named === 'string' && { name: named }) }
  if (part.providerReference !== undefined) throw wrong(place, 'providerReference', PROVIDER)
  if (type === 'file') return { ...about, ...sourceOf(part.url, place) }
  if (type === 'binary') {
    if (typeof part.data === 'string') return { ...about, data: bytesOf(part.data, place) }
    return { ...about, ...sourceOf(part.url ?? part.id, place) }
  }
  if (!MEDIA.has(type)) return undefined
  const { type: kind, value, provider } = (part.source ?? {}) as Part
  if (kind === 'data' && typeof value === 'string') return { ...about, data: bytesOf(value, place) }
  if (kind === 'url') return { ...about, ...sourceOf(value, place) }
  if (kind === 'file' && isFileId(value) && provider === undefined) return { ...about, file: value }
  if (kind === 'file') throw wrong(place, `a file of ${String(provider ?? 'a provider').slice(0, 50)}`, PROVIDER)
  throw wrong(place, 'a part without a source', 'a source with `data` or `url`')
}

const MEDIA: ReadonlySet<unknown> = new Set(['image', 'audio', 'video', 'document'])
const PROVIDER = 'the file itself, its address, or its id: a reference of a provider is not taken'

/** A data URL, the id or the address of a stored file, or an address in the network. */
function sourceOf(
  url: unknown,
  place: string,
): { readonly data: Uint8Array } | { readonly file: string } | { readonly url: string } {
  if (typeof url !== 'string') throw wrong(place, 'no address', 'a `url`')
  const content = readDataUrl(url)
  if (content) return { data: content.data }
  if (isDataUrl(url)) throw wrong(place, 'a data URL that cannot be decoded', 'base64 or percent encoding')
  const id = /(?:^|\/v1\/files\/)(file_[0-9a-f]{64})$/.exec(url)?.[1]
  if (id !== undefined) return { file: id }
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return { url }
  throw wrong(place, JSON.stringify(url.slice(0, 60)), 'a data URL, the address of a file, or an https address')
}

function bytesOf(base64: string, place: string): Uint8Array {
  const bytes = readBase64(base64)
  if (bytes) return bytes
  throw wrong(place, 'other characters', 'base64')
}

function wrong(place: string, got: string, expected: string): InvalidError {
  return new InvalidError(`body.${place}: expected ${expected}; got ${got}.`, { place: { path: `body.${place}` } })
}

/** A message as a front end gets it back: its files are addresses, never data. Pure. */
export function withAddresses(message: AgUiMessage): AgUiMessage {
  const { content } = message
  return Array.isArray(content) ? { ...message, content: content.map(asAddress) } : message
}

function asAddress(part: Json): Json {
  if (!isJsonObject(part)) return part
  const { type, data, source, url } = part
  const { type: kind, value, mimeType } = isJsonObject(source) ? source : {}
  if (type === 'binary' && typeof data === 'string') {
    const { data: _, ...rest } = part
    return { ...rest, url: addressOfData(data) }
  }
  if (kind === 'data' && typeof value === 'string')
    return {
      ...part,
      source: { type: 'url', value: addressOfData(value), ...(mimeType !== undefined && { mimeType }) },
    }
  if (typeof url === 'string' && url.startsWith('data:'))
    return { ...part, url: addressOfData(url.slice(url.indexOf(',') + 1)) }
  return part
}

/** The id of a file follows from its content. */
const addressOfData = (base64: string) => addressOfFile(fileIdOf(hash('sha256', Buffer.from(base64, 'base64'), 'hex')))
