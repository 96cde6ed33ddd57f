import { APICallError, LoadAPIKeyError, TypeValidationError } from '@ai-sdk/provider'
import { describe, expect, it } from 'vitest'
import { TerminalError } from '../../../src/errors.ts'
import { toCallFailure } from '../../../src/model/call/failure.ts'
import { remedyOf } from '../../../src/model/call/failure-kinds.ts'
import { failedReplyOf } from '../../../src/model/reply/failed-reply.ts'
import { createRedaction } from '../../../src/secret/redaction.ts'

const SECRET = 'sk-very-secret'
const { redact } = createRedaction({ SOME_KEY: SECRET })
const NOW = Date.parse('2030-01-01T00:00:00Z')
const context = (signal = new AbortController().signal) => ({ model: 'x/y', redact, signal, now: NOW })

function callError(statusCode: number | undefined, more: Partial<ConstructorParameters<typeof APICallError>[0]> = {}) {
  return new APICallError({
    message: 'it broke',
    url: 'http://x',
    requestBodyValues: {},
    ...(statusCode !== undefined && { statusCode }),
    ...more,
  })
}

describe('failureOf', () => {
  it.each([
    [401, 'TerminalError', 'model_unauthorized'],
    [403, 'TerminalError', 'model_unauthorized'],
    [400, 'TerminalError', 'model_rejected'],
    [404, 'TerminalError', 'model_url_not_found'],
    [413, 'TerminalError', 'context_overflow'],
    [429, 'RetryableError', 'model_rate_limited'],
    [500, 'RetryableError', 'model_unavailable'],
    [408, 'RetryableError', 'model_timeout'],
    [502, 'RetryableError', 'model_unavailable'],
    [503, 'RetryableError', 'model_overloaded'],
    [529, 'RetryableError', 'model_overloaded'],
    [200, 'RetryableError', 'model_unavailable'],
  ])('a status %d is a %s %s', (status, name, code) => {
    expect(toCallFailure(callError(status), context())).toMatchObject({ name, code })
  })

  it.each([
    [{ 'retry-after': '9' }, 9000],
    [{ 'retry-after': '9', 'retry-after-ms': '300' }, 300],
    [{ 'retry-after': 'Tue, 01 Jan 2030 00:00:05 GMT' }, 5000],
    [{ 'retry-after': '86400' }, 86_400_000],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('a delay is read from %j', (responseHeaders, delay) => {
    const failure = toCallFailure(callError(429, { responseHeaders }), context())
    expect((failure as { delay?: number }).delay).toBe(delay)
  })

  it('a fault of the offline model is not worth another try', () => {
    const failure = toCallFailure(new TypeError('boom'), { ...context(), model: 'offline/extractive' })
    expect(failure).toMatchObject({ code: 'model_rejected', message: 'Model offline/extractive failed: boom' })
  })

  it('no connection is worth another try', () => {
    expect(toCallFailure(callError(undefined, { isRetryable: true }), context())).toMatchObject({
      name: 'RetryableError',
      code: 'model_unavailable',
    })
  })

  it.each([
    [400, "This model's maximum context length is 8192 tokens", 'context_overflow'],
    [429, '{"error":{"code":"insufficient_quota"}}', 'model_quota_spent'],
    [400, 'prompt is too long: 210000 tokens > 200000 maximum', 'context_overflow'],
    [400, 'Your credit balance is too low to access the Anthropic API', 'model_quota_spent'],
    [400, '{"error":{"code":"content_filter"}}', 'model_filtered'],
    [400, 'API key not valid. Please pass a valid API key.', 'model_unauthorized'],
    [404, "The model 'gpt-0' does not exist", 'model_not_found'],
  ])('a status %d that says %j is final', (status, responseBody, code) => {
    expect(toCallFailure(callError(status, { responseBody }), context())).toMatchObject({
      name: 'TerminalError',
      code,
    })
  })

  it('a missing key is final', () => {
    expect(toCallFailure(new LoadAPIKeyError({ message: 'no key' }), context())).toMatchObject({
      name: 'TerminalError',
    })
  })

  it.each([
    [{ type: 'overloaded_error', message: 'Overloaded' }, 'model_overloaded'],
    [{ code: 'rate_limit_exceeded', message: 'slow down' }, 'model_rate_limited'],
    [{ code: 'context_length_exceeded', message: 'no' }, 'context_overflow'],
    [{ type: 'invalid_request_error', message: 'no' }, 'model_rejected'],
    [{ type: 'server_error', message: 'oops' }, 'model_unavailable'],
    [{ message: 'later', statusCode: 529 }, 'model_overloaded'],
    ['a bare text', 'model_unavailable'],
    [new DOMException('late', 'TimeoutError'), 'model_timeout'],
    [new TypeError('terminated'), 'model_unavailable'],
  ])('%j in a stream is a %s', (error, code) => {
    expect(toCallFailure(error, context())).toMatchObject({ code })
  })

  it('a delay is read as Google tells it', () => {
    const responseBody = '{"error":{"details":[{"@type":"google.rpc.RetryInfo","retryDelay":"1.5s"}]}}'
    expect(toCallFailure(callError(429, { responseBody }), context())).toMatchObject({
      code: 'model_rate_limited',
      delay: 1500,
    })
  })

  it('the error of an unreadable reply says what came, and not what was expected of each of its fields', () => {
    const value = { error: 'model runner has unexpectedly stopped' }
    const cause = new Error('[\n  {\n    "code": "invalid_union"\n  }\n]')
    const failure = toCallFailure(new TypeValidationError({ value, cause }), context()) as Error
    expect(failure.message).toBe(
      'Model x/y failed: its reply cannot be read: Type validation failed: «{"error":"model runner has unexpectedly stopped"}»',
    )
  })

  it('the error of a server that has answered says why its reply cannot be read', () => {
    const message = 'Failed to process successful response'
    const told = (more: object) => (toCallFailure(callError(200, { message, ...more }), context()) as Error).message
    expect(told({ cause: new TypeError('terminated') })).toBe('Model x/y failed: its reply cannot be read: terminated')
    expect(told({})).toBe(`Model x/y failed: its reply cannot be read: ${message}`)
  })

  it('of a reply that cannot be read it quotes the reply without secrets, and has all of it', () => {
    const key = 'sk-12345678901234'
    const responseBody = `${'x'.repeat(1990)}${key}${'y'.repeat(100)}`
    const error = callError(200, { message: 'Invalid JSON response', responseBody })
    const redact = (text: string) => text.replaceAll(key, '[secret]')
    const failure = toCallFailure(error, { ...context(), redact }) as Error
    expect(failure.message).toContain(`Invalid JSON response: «${'x'.repeat(1990)}[secret]yy…» (the first 2000 of 2098`)
    expect(failedReplyOf(new TerminalError('other', { cause: failure }))).toBe(responseBody)
  })

  it('our own errors stay as they are, and so does the reason of an abort', () => {
    const own = new TerminalError('mine')
    expect(toCallFailure(own, context())).toBe(own)
    expect(toCallFailure(new Error('other'), context(AbortSignal.abort(own)))).toBe(own)
  })

  it('shows no key, neither in its message nor as its cause', () => {
    const failure = toCallFailure(
      callError(401, { message: `Incorrect API key provided: ${SECRET}` }),
      context(),
    ) as Error
    expect(failure.message).toBe('Model x/y failed with status 401: Incorrect API key provided: [redacted]')
    expect(failure.cause).toBeUndefined()
  })
})

describe('a server that takes no pictures', () => {
  it.each([
    [400, 'unknown variant `image_url`, expected `text`', true],
    [400, 'The server/model is not a multimodal model', true],
    [404, 'No endpoints found that support image input', true],
    [500, 'image input is not supported - hint: you may need to provide the mmproj', true],
    [400, 'this model does not support images', true],
    [400, 'Could not process image', false],
    [400, "Invalid 'messages[1].content[1].image_url.url'.", false],
    [400, 'Invalid base64 image_url.', false],
    [429, 'image_url is limited to 3 a minute', false],
  ])('status %i, "%s" is known by its words: %s', (status, message, isKnown) => {
    const { hint = '' } = toCallFailure(callError(status, { message }), context()) as TerminalError
    expect(hint.includes('{ id: x/y, modalities: [text] }')).toBe(isKnown)
  })
})

describe('the hint of a failure', () => {
  it.each([
    ['model_rate_limited', 'retry'],
    ['model_timeout', 'retry'],
    ['context_overflow', 'shrink'],
    ['model_unauthorized', 'fallback'],
    ['model_not_found', 'fallback'],
    ['model_url_not_found', 'fallback'],
    ['model_filtered', 'fail'],
    ['not_found', undefined],
  ])('about %s is: %s', (code, remedy) => {
    expect(remedyOf(code)).toBe(remedy)
  })
})
