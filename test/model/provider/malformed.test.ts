import { describe, expect, it } from 'vitest'
import { failedUsageOf } from '../../../src/model/cost/usage.ts'
import type { ProviderConfig } from '../../../src/model/provider/provider-types.ts'
import { failedReplyOf } from '../../../src/model/reply/failed-reply.ts'
import { answering, TOOLS } from './answering.ts'

type Wire = { readonly config?: ProviderConfig; readonly status?: number; readonly body: object; readonly says: RegExp }

const WROTE = '<function=look{"at": "pier"}</function>'
const REFUSAL = { message: 'Failed to call a function.', type: 'invalid_request_error', code: 'tool_use_failed' }
const GOOGLE: ProviderConfig = { type: 'google' }
const candidates = (finishReason: string, finishMessage?: string) => ({
  candidates: [{ index: 0, finishReason, ...(finishMessage !== undefined && { finishMessage }) }],
  usageMetadata: { promptTokenCount: 300, candidatesTokenCount: 0, thoughtsTokenCount: 50, totalTokenCount: 350 },
})
const choices = (more: object) => ({
  ...{ id: 'c', object: 'chat.completion', created: 1, model: 'small' },
  choices: [{ index: 0, message: { role: 'assistant', content: '' }, ...more }],
  usage: { prompt_tokens: 300, completion_tokens: 50, total_tokens: 350 },
})

const REFUSED: { readonly [server: string]: Wire } = {
  Groq: { status: 400, body: { error: { ...REFUSAL, failed_generation: WROTE } }, says: /Failed to call a function/ },
  'Groq, for JSON': {
    ...{ status: 400, says: /Failed to generate JSON/ },
    body: { error: { message: 'Failed to generate JSON.', code: 'json_validate_failed', failed_generation: WROTE } },
  },
  'a router before Groq': {
    ...{ status: 400, says: /cannot be read/ },
    body: {
      error: {
        message: 'Provider returned error',
        code: 400,
        metadata: { raw: JSON.stringify({ error: { ...REFUSAL, failed_generation: WROTE } }), provider_name: 'Groq' },
      },
    },
  },
}
const ENDED: { readonly [server: string]: Wire } = {
  Gemini: {
    ...{ config: GOOGLE, says: /MALFORMED_FUNCTION_CALL: Malformed function call: look\(at=/ },
    body: candidates('MALFORMED_FUNCTION_CALL', 'Malformed function call: look(at='),
  },
  'Gemini, for a call of a tool that was not offered': {
    ...{ config: GOOGLE, says: /UNEXPECTED_TOOL_CALL/ },
    body: candidates('UNEXPECTED_TOOL_CALL'),
  },
  'a router before Gemini': {
    body: choices({ finish_reason: 'error', native_finish_reason: 'MALFORMED_FUNCTION_CALL' }),
    says: /MALFORMED_FUNCTION_CALL/,
  },
  'the chat protocol of Gemini': {
    body: choices({ finish_reason: 'function_call_filter: MALFORMED_FUNCTION_CALL' }),
    says: /MALFORMED_FUNCTION_CALL/,
  },
}

const eventsOf = (body: object) => {
  const streamed = JSON.stringify(body)
    .replace('"message":{"role"', '"delta":{"role"')
    .replace('completion"', 'completion.chunk"')
  return `data: ${streamed}\n\n`
}

async function failureOf({ config, status = 200, body }: Wire, form: 'whole' | 'streamed') {
  const isStream = form === 'streamed' && status === 200
  const text = isStream ? eventsOf(body) : JSON.stringify(body)
  const type = isStream ? 'text/event-stream' : 'application/json'
  const { generate } = await answering(text, type, config, undefined, status)
  const options = form === 'streamed' ? { onDelta: () => {} } : {}
  return generate({ tools: TOOLS }, options).then(
    () => undefined,
    (error: unknown) => error as Error & { readonly hint: string },
  )
}

describe.each(['whole', 'streamed'] as const)('a call that its provider cannot read, %s', (form) => {
  it.each(Object.entries(REFUSED))('fails with what the model wrote: %s', async (_, wire) => {
    const failure = await failureOf(wire, form)
    expect(failure).toMatchObject({ code: 'model_malformed_call', message: expect.stringMatching(wire.says) })
    expect(failure!.message).toContain(`«${WROTE}»`)
    expect(failedReplyOf(failure)).toBe(WROTE)
  })

  it.each(Object.entries(ENDED))('fails with the reason, and counts what it used: %s', async (_, wire) => {
    const failure = await failureOf(wire, form)
    expect(failure).toMatchObject({ code: 'model_malformed_call', message: expect.stringMatching(wire.says) })
    expect(failure!.hint).not.toMatch(/baseURL|proxy/)
    expect(failedUsageOf(failure)).toMatchObject({ usage: { input: 300, output: 50 } })
  })
})

it('the error event of a stream keeps what the model wrote', async () => {
  const { generate } = await answering(
    `data: ${JSON.stringify({ error: { ...REFUSAL, failed_generation: WROTE, status_code: 400 } })}\n\n`,
    'text/event-stream',
  )
  const failure = await generate({ tools: TOOLS }, { onDelta: () => {} }).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'model_malformed_call' })
  expect(failedReplyOf(failure)).toBe(WROTE)
})

it.each([
  ['Ollama', 500, { error: `error parsing tool call: raw='{"at": ', err=unexpected end of JSON input` }],
  ['llama.cpp', 500, { error: { code: 500, message: 'Failed to parse tool call arguments as JSON: parse error' } }],
])('the words of %s are known', async (_, status, body) => {
  const { generate } = await answering(body, 'application/json', undefined, undefined, status)
  await expect(generate({ tools: TOOLS })).rejects.toMatchObject({ code: 'model_malformed_call' })
})
