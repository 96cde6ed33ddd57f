import { describe, expect, it } from 'vitest'
import { bytesOf } from '../../../src/http/routing/body.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'

/** A request whose body comes as `feed` gives it. */
function upload(headers: { readonly [name: string]: string } = {}) {
  let body!: ReadableStreamDefaultController<Uint8Array>
  const stream = new ReadableStream<Uint8Array>({ start: (controller) => void (body = controller) })
  const request = new Request('http://antiphon/v1/files', { method: 'PUT', body: stream, headers, duplex: 'half' })
  return { request, feed: (bytes: number) => body.enqueue(new Uint8Array(bytes)), body }
}

async function sizeOf(pieces: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0
  for await (const piece of pieces) bytes += piece.byteLength
  return bytes
}

const COMPLETE = [{}, { 'content-length': '5' }, { 'content-type': 'image/png' }]

describe('the bytes of a body', () => {
  it.each(COMPLETE)('arrive whole with %j', async (headers) => {
    const { request, feed, body } = upload(headers)
    feed(2)
    feed(3)
    body.close()
    expect(await sizeOf(bytesOf(request, simulatedClock()))).toBe(5)
  })

  it('fail if fewer come than the client has announced, or if it goes away', async () => {
    const short = upload({ 'content-length': '5' })
    short.feed(2)
    short.body.close()
    const broken = upload()
    broken.feed(2)
    broken.body.error(new Error('reset'))
    for (const { request } of [short, broken])
      await expect(sizeOf(bytesOf(request, simulatedClock()))).rejects.toThrow('The body broke off.')
  })

  it('are refused when they are compressed', async () => {
    const { request } = upload({ 'content-encoding': 'gzip' })
    await expect(sizeOf(bytesOf(request, simulatedClock()))).rejects.toMatchObject({ code: 'unsupported_type' })
  })

  it('may take as long as they need at 32 KiB a second, and are given up below that', async () => {
    const clock = simulatedClock()
    const { request, feed } = upload()
    const read = sizeOf(bytesOf(request, clock)).catch((error: unknown) => error)
    for (let second = 0; second < 600; second++) {
      feed(32 * 1024)
      await clock.advance(1000)
    }
    for (let second = 0; second < 31; second++) {
      feed(1)
      await clock.advance(1000)
    }
    expect(await read).toMatchObject({ code: 'body_timeout' })
  })

  it('are not hurried while the server works on a piece', async () => {
    const clock = simulatedClock()
    const { request, feed, body } = upload()
    const pieces = bytesOf(request, clock)
    for (let piece = 0; piece < 3; piece++) {
      feed(1)
      expect((await pieces.next()).done).toBe(false)
      await clock.advance(100_000)
    }
    body.close()
    expect((await pieces.next()).done).toBe(true)
  })
})
