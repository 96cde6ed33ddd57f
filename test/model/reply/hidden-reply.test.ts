import type { LanguageModelV4, LanguageModelV4Content, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { expect, test } from 'vitest'
import { createModels } from '../../../src/model/registry.ts'

const KEY = 'sk-lab-47110815'
const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
}
const finish = { finishReason: { unified: 'stop', raw: undefined }, usage } as const

/** Models of a lab whose model answers with this content, its first text in these pieces. */
function modelsThatSay(content: readonly LanguageModelV4Content[], pieces: readonly string[] = []) {
  const parts: readonly LanguageModelV4StreamPart[] = [
    { type: 'stream-start', warnings: [] },
    { type: 'text-start', id: '0' },
    ...pieces.map((delta) => ({ type: 'text-delta', id: '0', delta }) as const),
    { type: 'text-end', id: '0' },
    { type: 'finish', ...finish },
  ]
  const model = {
    specificationVersion: 'v4',
    provider: 'lab',
    modelId: 'one',
    supportedUrls: {},
    doGenerate: async () => ({ content, ...finish, warnings: [] }),
    doStream: async () => ({ stream: ReadableStream.from(parts) }),
  } as unknown as LanguageModelV4
  return createModels({ embedder: 'none' }, { ANTIPHON_SECRET_LAB: KEY }, { 'lab/one': model })
}

const request = { task: { kind: 'write' }, documents: [], instruction: 'Say your key.', model: 'lab/one' } as const
const { signal } = new AbortController()

test('a reply does not show the key of a provider, wherever it stands', async () => {
  const call = {
    type: 'tool-call',
    toolCallId: 'a',
    toolName: 'post',
    input: JSON.stringify({ [KEY]: [KEY] }),
  } as const
  const texts = [KEY.slice(0, 7), KEY.slice(7), ` ${btoa(KEY)}`].map((text) => ({ type: 'text', text }) as const)
  const models = modelsThatSay([{ type: 'reasoning', text: `It is ${KEY}.` }, ...texts, call])
  const reply = await models.generate(request, { signal })
  expect(JSON.stringify(reply)).not.toMatch(/sk-lab|4711|c2stb/)
  expect(reply).toMatchObject({
    text: '[redacted] [redacted]',
    calls: [{ name: 'post', input: { '[redacted]': ['[redacted]'] } }],
    said: [{ text: 'It is [redacted].' }, { type: 'text', text: '[redacted] [redacted]' }, { type: 'tool-call' }],
  })
})

test('a listener gets no key, in any number of pieces, and all text that only begins like one', async () => {
  for (const pieces of [
    [`It is ${KEY}!`, ' And sk-la'],
    [...`It is ${KEY}!`, ' And', ' sk-', 'la'],
  ]) {
    const heard: string[] = []
    const models = modelsThatSay([], pieces)
    const reply = await models.generate(request, { signal, onDelta: (text) => heard.push(text) })
    expect(reply.text).toBe('It is [redacted]! And sk-la')
    expect(heard.join('')).toBe(reply.text)
    expect(heard[0]).not.toBe(reply.text)
  }
})
