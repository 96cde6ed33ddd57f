import type { LanguageModelV4Citation, LanguageModelV4StreamPart, LanguageModelV4Usage } from '@ai-sdk/provider'
import { describe, expect, it } from 'vitest'
import { readReplyStream, toRawReply } from '../../../src/model/call/reply.ts'

const usage: LanguageModelV4Usage = {
  inputTokens: { total: 7, noCache: 7, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
}
const finishReason = { unified: 'stop', raw: 'end' } as const
const cite = (id: string): LanguageModelV4Citation => ({
  citedText: id,
  source: { type: 'source', sourceType: 'document', id, title: id, mediaType: 'text/plain' },
})
const finish: LanguageModelV4StreamPart = { type: 'finish', finishReason, usage, providerMetadata: { lab: { a: 1 } } }
const delta = (text: string, id = '0'): LanguageModelV4StreamPart => ({ type: 'text-delta', id, delta: text })
const signal = new AbortController().signal
const silent = () => {}
const estimate = { model: 'lab/one', input: () => 100 }
const listening = (onDelta: (text: string) => void = silent) => ({ signal, heard: silent, onDelta })

describe('a reply that came whole', () => {
  it('is all its texts with all their citations, and what was counted', () => {
    const content = [
      { type: 'reasoning' as const, text: 'hm' },
      { type: 'text' as const, text: 'one ', citations: [cite('a')] },
      { type: 'text' as const, text: 'two', citations: [cite('b')] },
    ]
    expect(toRawReply({ content, finishReason, usage, providerMetadata: { lab: { a: 1 } } }, estimate)).toEqual({
      text: 'one two',
      citations: [cite('a'), cite('b')],
      ending: { type: 'whole' },
      usage: { input: 7, output: 5, estimated: true },
      metadata: { lab: { a: 1 } },
      calls: [],
      said: [],
      files: [],
    })
  })

  it('is what its provider says is meant, be it nothing', () => {
    const content = [{ type: 'text' as const, text: 'draft' }]
    expect(toRawReply({ content, structuredOutputText: '{}', finishReason, usage }, estimate).text).toBe('{}')
    expect(toRawReply({ content, structuredOutputText: '', finishReason, usage }, estimate).text).toBe('')
  })
})

describe('a reply in parts', () => {
  it('is the same as one that came whole', async () => {
    const deltas: string[] = []
    const parts: LanguageModelV4StreamPart[] = [
      { type: 'stream-start', warnings: [] },
      { type: 'reasoning-delta', id: 'r', delta: 'hm' },
      delta('one '),
      { type: 'text-end', id: '0', citations: [cite('a')] },
      delta('two', '1'),
      { type: 'text-end', id: '1' },
      finish,
    ]
    expect(
      await readReplyStream(
        ReadableStream.from(parts),
        listening((text) => deltas.push(text)),
        estimate,
      ),
    ).toEqual({
      text: 'one two',
      citations: [cite('a')],
      ending: { type: 'whole' },
      usage: { input: 7, output: 5, estimated: true },
      metadata: { lab: { a: 1 } },
      calls: [],
      said: [],
      files: [],
    })
    expect(deltas).toEqual(['one ', 'two'])
  })

  it('asks for the same tools as a whole one, and returns the notes of its provider', async () => {
    const noted = { lab: { signature: 'abc' } }
    const call = {
      type: 'tool-call' as const,
      toolCallId: '1',
      toolName: 'add',
      input: '{"a":1}',
      providerMetadata: noted,
    }
    const bad = { type: 'tool-call' as const, toolCallId: '2', toolName: 'add', input: '{"a":' }
    const theirs = { ...call, toolCallId: '3', providerExecuted: true }
    const content = [
      { type: 'reasoning' as const, text: 'I add.', providerMetadata: noted },
      { type: 'text' as const, text: 'Well.' },
      ...[call, bad, theirs],
    ]
    const whole = toRawReply({ content, finishReason, usage }, estimate)
    const parts: LanguageModelV4StreamPart[] = [
      { type: 'reasoning-start', id: '0' },
      { type: 'reasoning-delta', id: '0', delta: 'I ' },
      { type: 'text-start', id: '0' },
      { type: 'reasoning-delta', id: '0', delta: 'add.' },
      { type: 'reasoning-end', id: '0', providerMetadata: noted },
      delta('Well.'),
      { type: 'text-end', id: '0' },
      ...[call, bad, theirs],
      { type: 'finish', finishReason, usage },
    ]
    const streamed = await readReplyStream(ReadableStream.from(parts), listening(), estimate)
    expect(streamed).toEqual(whole)
    expect(whole).toMatchObject({
      calls: [
        { id: '1', name: 'add', input: { a: 1 } },
        { id: '2', name: 'add' },
      ],
      said: [
        { type: 'reasoning', text: 'I add.', providerOptions: noted },
        { type: 'text', text: 'Well.' },
        { type: 'tool-call', toolCallId: '1', toolName: 'add', input: { a: 1 }, providerOptions: noted },
        { type: 'tool-call', toolCallId: '2', toolName: 'add', input: {} },
      ],
    })
  })

  it('is retried when it breaks off', async () => {
    await expect(readReplyStream(ReadableStream.from([delta('one')]), listening(), estimate)).rejects.toMatchObject({
      name: 'RetryableError',
      code: 'model_stream_broken',
    })
  })

  it('lets go of its stream when its provider, its listener or its caller gives up', async () => {
    const failure = new Error('no more')
    const throwing = () => {
      throw failure
    }
    const gone = AbortSignal.abort(failure)
    for (const [part, by, listener] of [
      [{ type: 'error', error: failure }, signal, silent],
      [delta('one'), signal, throwing],
      [delta('one'), gone, silent],
    ] as const) {
      const left = Promise.withResolvers<void>()
      const stream = new ReadableStream<LanguageModelV4StreamPart>({
        start: (controller) => controller.enqueue(part),
        cancel: () => left.resolve(),
      })
      await expect(readReplyStream(stream, { ...listening(listener), signal: by }, estimate)).rejects.toBe(failure)
      await left.promise
    }
  })
})
