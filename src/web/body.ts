import type { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { TerminalError } from '../errors.ts'
import { ownValue } from '../lib/own.ts'

export const ACCEPT_ENCODING = 'gzip, deflate, br, zstd'

/** Maximum number of nested encodings. */
const MAX_ENCODINGS = 2

/** Reads a response to its end and unpacks it. TerminalError `response_too_large` beyond `maxBytes` unpacked. */
export async function readBody(body: Readable, encoding: string, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  const collect = async (unpacked: AsyncIterable<Buffer>) => {
    for await (const chunk of unpacked) {
      size += chunk.length
      if (size > maxBytes) throw tooLarge(maxBytes)
      chunks.push(chunk)
    }
  }
  await pipeline([body, ...unpackers(encoding), collect] as never)
  return Buffer.concat(chunks)
}

function unpackers(encoding: string): readonly Transform[] {
  const names = encoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
  if (names.length > MAX_ENCODINGS) throw unknownEncoding(encoding)
  return names.reverse().map((name) => {
    const make = ownValue(UNPACKERS, name)
    if (!make) throw unknownEncoding(encoding)
    return make()
  })
}

const UNPACKERS: { readonly [name: string]: (() => Transform) | undefined } = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
}

const tooLarge = (maxBytes: number) =>
  new TerminalError(`The response is larger than ${maxBytes} bytes.`, {
    code: 'response_too_large',
    hint: 'Ask for less, or raise max_bytes.',
  })

const unknownEncoding = (encoding: string) =>
  new TerminalError(`The response has the encoding ${encoding.slice(0, 100)}, which antiphon cannot unpack.`, {
    code: 'bad_response',
  })
