import { describe, expect, it } from 'vitest'
import type { FileRef } from '../../../src/lib/media/file-ref.ts'
import type { ModelReply } from '../../../src/model/request/request.ts'
import { answering } from './answering.ts'
import { sse } from './protocols.ts'

/** The smallest picture. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const URL_OF_PIXEL = `data:image/png;base64,${PIXEL}`
const chat = { type: 'openai-compatible' } as const
const google = { type: 'google' } as const

const whole = (message: object) => ({
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }],
})
const images = (...urls: readonly string[]) => urls.map((url) => ({ type: 'image_url', image_url: { url } }))
const inline = (data: string, mimeType = 'image/png') => ({ inlineData: { mimeType, data } })
const candidate = (...parts: readonly object[]) => ({
  candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP' }],
})

/** The reply, and the files that were kept: each name with its bytes. */
async function reading(
  body: string | object,
  config: typeof chat | typeof google,
  keepFile?: () => Promise<FileRef>,
): Promise<{ readonly reply: ModelReply; readonly kept: readonly string[]; readonly asked: number }> {
  const kept: string[] = []
  const server = await answering(body, typeof body === 'string' ? 'text/event-stream' : 'application/json', config)
  const keep = async (data: Uint8Array, name: string) => {
    kept.push(`${name} ${Buffer.from(data).toString('base64')}`)
    return (
      keepFile?.() ?? { file: `file_${String(kept.length).repeat(64)}`, type: 'image/png', name, bytes: data.length }
    )
  }
  const stream = typeof body === 'string' ? { onDelta: () => {} } : {}
  const reply = await server.generate({}, { ...stream, keepFile: keep })
  return { reply, kept, asked: server.asked() }
}

const KEPT = [`picture.png ${PIXEL}`]

describe('a picture that a model makes is kept', () => {
  it.each<[string, string | object, typeof chat | typeof google, string]>([
    ['a text and a picture', whole({ content: 'A lamp.', images: images(URL_OF_PIXEL) }), chat, 'A lamp.'],
    ['a picture alone', whole({ content: null, images: images(URL_OF_PIXEL) }), chat, ''],
    ['a picture as a bare text', whole({ content: '', images: [{ image_url: URL_OF_PIXEL }] }), chat, ''],
    ['a text and a picture', candidate({ text: 'A lamp.' }, inline(PIXEL)), google, 'A lamp.'],
    ['a picture alone', candidate(inline(PIXEL)), google, ''],
    ['a picture of another declared type', candidate(inline(PIXEL, 'image/jpeg')), google, ''],
    [
      'a stream of a text and a picture',
      sse(
        { choices: [{ index: 0, delta: { content: 'A lamp.' } }] },
        { choices: [{ index: 0, delta: { images: images(URL_OF_PIXEL) } }] },
        // some servers list it again
        { choices: [{ index: 0, delta: { images: images(URL_OF_PIXEL) }, finish_reason: 'stop' }] },
      ),
      chat,
      'A lamp.',
    ],
    [
      'a stream of a picture alone',
      sse({ choices: [{ index: 0, delta: { images: images(URL_OF_PIXEL) }, finish_reason: 'stop' }] }),
      chat,
      '',
    ],
    ['a stream of a picture alone', sse(candidate(inline(PIXEL))), google, ''],
  ])('%s', async (_, body, config, text) => {
    const { reply, kept, asked } = await reading(body, config)
    expect(kept).toEqual(KEPT)
    expect(reply).toMatchObject({ text, files: [{ type: 'image/png', name: 'picture.png' }] })
    expect(reply.lacks).toBeUndefined()
    expect(asked).toBe(1)
  })
})

describe('a reply says which file is not kept, and nobody asks again', () => {
  it.each<[string, object, typeof chat | typeof google, string]>([
    [
      'an address',
      whole({ content: '', images: images('https://example.com/a.png') }),
      chat,
      'addresses are not fetched',
    ],
    [
      'text under the name of a picture',
      candidate(inline(Buffer.from('<html>').toString('base64'))),
      google,
      'Expected a picture',
    ],
    ['no base64', candidate(inline('%%%')), google, 'no bytes that can be read'],
  ])('%s', async (_, body, config, why) => {
    const { reply, kept, asked } = await reading(body, config)
    expect(kept).toEqual([])
    expect(reply.files).toBeUndefined()
    expect(reply.lacks).toEqual([expect.stringContaining(why)])
    expect(asked).toBe(1)
  })

  it('a file for which there is no space', async () => {
    const { reply, asked } = await reading(candidate(inline(PIXEL)), google, () =>
      Promise.reject(new Error('It is full.')),
    )
    expect(reply.lacks).toEqual(['The model made a file that is not kept. It is full.'])
    expect(asked).toBe(1)
  })

  it('a file where nobody keeps files', async () => {
    const server = await answering(candidate({ text: 'A lamp.' }, inline(PIXEL)), 'application/json', google)
    expect(await server.generate()).toMatchObject({
      text: 'A lamp.',
      lacks: ['The model made a file that is not kept. There is no place for files here.'],
    })
  })
})
