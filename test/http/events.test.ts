import { expect, it } from 'vitest'
import type { Numbered } from '../../src/engine/engine.ts'
import { eventStream, mergeEvents, startAfter } from '../../src/http/events.ts'
import { decodeEvents, encodeEvent } from '../../src/http/sse.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { collect } from './bench.ts'

const numbered = (n: number): Numbered => ({ n, correlationId: 'c', body: { n } })

it('ends with the durable events, though the volatile ones never end', async () => {
  const leaving = new AbortController()
  let left = false
  async function* forever(): AsyncGenerator<Json> {
    yield 'token'
    await new Promise((resolve) => leaving.signal.addEventListener('abort', resolve))
    left = true
  }
  async function* two(): AsyncGenerator<Numbered> {
    yield numbered(1)
    yield numbered(2)
  }
  const response = eventStream((signal) => {
    signal.addEventListener('abort', () => leaving.abort())
    return mergeEvents(two(), forever())
  })
  const events = await collect(decodeEvents(response.body!))
  expect(events.filter(({ id }) => id !== undefined).map(({ id }) => id)).toEqual([1, 2])
  await new Promise(setImmediate)
  expect(left).toBe(true)
})

it('draws no more than one event ahead of its reader', async () => {
  let drawn = 0
  async function* many(): AsyncGenerator<Numbered> {
    for (;;) yield numbered(++drawn)
  }
  const merged = mergeEvents(many(), never())
  for (let taken = 1; taken <= 3; taken++) await merged.next()
  await new Promise(setImmediate)
  expect(drawn).toBe(4)
})

it('says as its last event what went wrong on the way', async () => {
  async function* broken(): AsyncGenerator<Numbered> {
    yield numbered(1)
    throw new Error('the disk is gone')
  }
  const response = eventStream(() => mergeEvents(broken(), never()))
  const events = await collect(decodeEvents(response.body!))
  expect(events.at(-1)).toMatchObject({ event: 'problem', data: { detail: 'the disk is gone', code: 'internal' } })
})

it('reads on after the query, else after the last event a client has seen, else from the start', () => {
  expect(startAfter({ after: 3 }, '9')).toBe(3)
  expect(startAfter({}, '9')).toBe(9)
  expect(startAfter({}, 'nine')).toBe(0)
  expect(startAfter({}, undefined)).toBe(0)
})

it('decodes what it encoded, however the bytes are cut', async () => {
  const sent = [
    { id: 1, event: 'event', data: { text: 'two\nlines\n\nand "ü" : colon' } },
    { event: 'delta', data: ['ß'] },
  ]
  const bytes = new TextEncoder().encode(sent.map(encodeEvent).join(''))
  const cut = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
      controller.close()
    },
  })
  expect(await collect(decodeEvents(cut))).toEqual(sent)
})

async function* never(): AsyncGenerator<Json> {
  await new Promise(() => {})
}
