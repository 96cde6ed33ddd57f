import { APICallError, LoadAPIKeyError } from '@ai-sdk/provider'
import { describe, expect, it } from 'vitest'
import { TerminalError } from '../../src/errors.ts'
import { failureOf, redact } from '../../src/model/failure.ts'

const SECRET = 'sk-very-secret'
const NOW = Date.parse('2030-01-01T00:00:00Z')
const context = (signal = new AbortController().signal) => ({ model: 'x/y', secrets: [SECRET], signal, now: NOW })

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
    [404, 'TerminalError', 'model_rejected'],
    [413, 'TerminalError', 'context_overflow'],
    [429, 'RetryableError', 'model_rate_limited'],
    [500, 'RetryableError', 'model_unavailable'],
    [503, 'RetryableError', 'model_unavailable'],
  ])('a status %d is a %s %s', async (status, name, code) => {
    await expect(failureOf(callError(status), context())).resolves.toMatchObject({ name, code })
  })

  it.each([
    [{ 'retry-after': '9' }, 9000],
    [{ 'retry-after': '9', 'retry-after-ms': '300' }, 300],
    [{ 'retry-after': 'Tue, 01 Jan 2030 00:00:05 GMT' }, 5000],
    [{ 'retry-after': '86400' }, 600_000],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('a delay is read from %j', async (responseHeaders, delay) => {
    const failure = await failureOf(callError(429, { responseHeaders }), context())
    expect((failure as { delay?: number }).delay).toBe(delay)
  })

  it('no connection is worth another try', async () => {
    await expect(failureOf(callError(undefined, { isRetryable: true }), context())).resolves.toMatchObject({
      name: 'RetryableError',
      code: 'model_unavailable',
    })
  })

  it.each([
    [400, "This model's maximum context length is 8192 tokens", 'context_overflow'],
    [429, '{"error":{"code":"insufficient_quota"}}', 'model_rejected'],
  ])('a status %d that says %j is final', async (status, responseBody, code) => {
    await expect(failureOf(callError(status, { responseBody }), context())).resolves.toMatchObject({
      name: 'TerminalError',
      code,
    })
  })

  it('a missing key is final', async () => {
    await expect(failureOf(new LoadAPIKeyError({ message: 'no key' }), context())).resolves.toMatchObject({
      name: 'TerminalError',
    })
  })

  it('our own errors stay as they are, and so does the reason of an abort', async () => {
    const own = new TerminalError('mine')
    expect(await failureOf(own, context())).toBe(own)
    expect(await failureOf(new Error('other'), context(AbortSignal.abort(own)))).toBe(own)
  })

  it('shows no key, neither in its message nor as its cause', async () => {
    const failure = (await failureOf(
      callError(401, { message: `Incorrect API key provided: ${SECRET}` }),
      context(),
    )) as Error
    expect(failure.message).toBe('model x/y failed with status 401: Incorrect API key provided: [redacted]')
    expect(failure.cause).toBeUndefined()
  })
})

describe('redact', () => {
  it('leaves texts alone that are too short to be a key', () => {
    expect(redact('an x here', ['x'])).toBe('an x here')
  })
})
