import { expect, it } from 'vitest'
import { eventStream, startAfter } from '../../../src/http/stream/event-stream.ts'
import { decodeEvents, encodeComment, encodeEvent, type Sent } from '../../../src/http/wire/sse.ts'
import { collect } from '../bench.ts'

it('draws no more from its source than its reader takes, but for 64 KiB', async () => {
  let drawn = 0
  async function* many(): AsyncGenerator<Sent> {
    for (;;) yield { id: ++drawn, data: 'x'.repeat(1024) }
  }
  const reader = eventStream(many).body!.getReader()
  await new Promise(setImmediate)
  expect(drawn).toBe(0)
  await reader.read()
  await new Promise(setImmediate)
  expect(drawn).toBeLessThan(70)
  const before = drawn
  await reader.read()
  await new Promise(setImmediate)
  expect(drawn).toBe(before)
  await reader.cancel()
})

it('lets its source know that its reader has left', async () => {
  const left = Promise.withResolvers<void>()
  async function* forever(leaving: AbortSignal): AsyncGenerator<Sent> {
    yield { id: 1, data: 1 }
    await new Promise((resolve) => leaving.addEventListener('abort', resolve))
    left.resolve()
  }
  const reader = eventStream(forever).body!.getReader()
  await reader.read()
  await reader.read()
  await reader.cancel()
  await left.promise
})

it('sends an error during the stream as its last event', async () => {
  async function* broken(): AsyncGenerator<Sent> {
    yield { id: 1, data: 1 }
    throw new Error('the disk is gone')
  }
  const events = await collect(decodeEvents(eventStream(broken).body!))
  expect(events.at(-1)).toMatchObject({ event: 'problem', data: { detail: 'the disk is gone', code: 'internal' } })
})

it('reads on after the query, or after the last event that a client has seen behind that, else from the start', () => {
  expect(startAfter({ after: 3 }, undefined)).toBe(3)
  expect(startAfter({ after: 3 }, '9')).toBe(9)
  expect(startAfter({ after: 3 }, '2')).toBe(3)
  expect(startAfter({}, '-9')).toBe(0)
  expect(startAfter({}, '9')).toBe(9)
  expect(startAfter({}, 'nine')).toBe(0)
  expect(startAfter({}, undefined)).toBe(0)
})

it('decodes what it encoded, however the bytes are cut, and passes over comments', async () => {
  const sent = [
    { id: 1, event: 'event', data: { text: 'two\nlines\n\nand "ü" : colon' } },
    { event: 'delta', data: ['ß'] },
  ]
  const text = `retry: 1000\n\n${sent.map(encodeEvent).join(encodeComment('data: is no data here'))}`
  const bytes = new TextEncoder().encode(text)
  const cut = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
      controller.close()
    },
  })
  expect(await collect(decodeEvents(cut))).toEqual(sent)
})
