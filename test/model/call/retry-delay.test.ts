import { describe, expect, it } from 'vitest'
import { retryDelayOf } from '../../../src/model/call/retry-delay.ts'
import { threadTime } from '../../thread-time.ts'

const NOW = Date.parse('2030-01-01T00:00:00Z')
const SECOND = 1000
const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 24 * HOUR

type Headers = { readonly [name: string]: string }
const byHeaders = (responseHeaders: Headers) => retryDelayOf({ statusCode: 429, responseHeaders }, NOW)
const byWords = (message: string) => retryDelayOf({ statusCode: 429, message }, NOW)
const byBody = (responseBody: string) => retryDelayOf({ statusCode: 429, responseBody }, NOW)

describe('the header retry-after', () => {
  it.each<[Headers, number | undefined]>([
    [{ 'retry-after': '9' }, 9 * SECOND],
    [{ 'Retry-After': '9' }, 9 * SECOND],
    [{ 'retry-after': ' 1.5 ' }, 1500],
    [{ 'retry-after': '0.0004' }, 1],
    [{ 'retry-after': '9', 'retry-after-ms': '300' }, 300],
    [{ 'retry-after': '9', 'retry-after-ms': '-300' }, 9 * SECOND],
    [{ 'retry-after': '9', 'retry-after-ms': 'soon' }, 9 * SECOND],
    [{ 'retry-after': '900' }, 15 * MINUTE],
    [{ 'retry-after': '20s' }, 20 * SECOND],
    [{ 'retry-after': '1m30s' }, 90 * SECOND],
    [{ 'retry-after': '5, 10' }, 10 * SECOND],
    [{ 'retry-after': 'Tue, 01 Jan 2030 00:00:05 GMT' }, 5 * SECOND],
    [{ 'retry-after': 'Tuesday, 01-Jan-30 00:00:05 GMT' }, 5 * SECOND],
    [{ 'retry-after': 'Tue Jan 01 2030 00:00:05 GMT' }, 5 * SECOND],
    [{ 'retry-after': '2030-01-01T00:00:05Z' }, 5 * SECOND],
    [{ 'retry-after': String(NOW / 1000 + 7) }, 7 * SECOND],
    [{ 'retry-after': String(NOW + 7000) }, 7 * SECOND],
    // nothing that lies ahead
    [{ 'retry-after': '0' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': 'Mon, 31 Dec 2029 23:59:00 GMT' }, undefined],
    [{ 'retry-after': '1e9' }, undefined],
    [{ 'retry-after': 'NaN' }, undefined],
    [{ 'retry-after': 'Infinity' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': 'in may 5' }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{}, undefined],
    // absurd
    [{ 'retry-after': '999999999' }, DAY],
    [{ 'retry-after': 'Wed, 01 Jan 2098 00:00:00 GMT' }, DAY],
    [{ 'retry-after-ms': '99999999999999999999' }, DAY],
  ])('%j asks for %s ms', (headers, delay) => {
    expect(byHeaders(headers)).toBe(delay)
  })

  it('is judged by the clock of the server if it is a date', () => {
    const later = { 'retry-after': 'Tue, 01 Jan 2030 02:00:05 GMT' }
    expect(byHeaders({ ...later, date: 'Tue, 01 Jan 2030 02:00:00 GMT' })).toBe(5 * SECOND)
    expect(byHeaders({ ...later, Date: 'Tue, 01 Jan 2030 02:00:10 GMT' })).toBeUndefined()
    expect(byHeaders({ ...later, date: 'no date' })).toBe(2 * HOUR + 5 * SECOND)
  })

  it('goes before everything else', () => {
    const headers = { 'retry-after': '3', 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0s' }
    expect(retryDelayOf({ responseHeaders: headers, message: 'try again in 20s' }, NOW)).toBe(3 * SECOND)
    expect(byHeaders({ ...headers, 'retry-after': '-1' })).toBe(6 * MINUTE)
  })
})

describe('headers of limits', () => {
  const tokens = (reset: string) => byHeaders({ 'x-ratelimit-reset-tokens': reset })

  it.each([
    ['1s', SECOND],
    ['6m0s', 6 * MINUTE],
    ['20ms', 20],
    ['7.66s', 7660],
    ['2m59.56s', 179_560],
    ['1h2m3.5s', HOUR + 2 * MINUTE + 3500],
    ['1d2h', DAY],
    ['250µs', 1],
    ['30', 30 * SECOND],
    ['0.5', 500],
    [String(NOW / 1000 + 12), 12 * SECOND],
    [String(NOW + 12_000), 12 * SECOND],
    ['2030-01-01T00:00:12Z', 12 * SECOND],
    ['2030-01-01T01:00:12+01:00', 12 * SECOND],
    ['-3', undefined],
    ['6x0s', undefined],
    ['soon', undefined],
    ['2029-12-31T00:00:00Z', undefined],
  ])('a reset of %s is %s ms away', (reset, delay) => {
    expect(tokens(reset)).toBe(delay)
  })

  it.each<[string, Headers, number | undefined]>([
    [
      'the longest of those that are used up',
      {
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '12s',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '6m0s',
        'x-ratelimit-remaining-images': '4',
        'x-ratelimit-reset-images': '9h',
      },
      6 * MINUTE,
    ],
    [
      'none that has something left',
      { 'x-ratelimit-remaining-tokens': '150', 'x-ratelimit-reset-tokens': '1h' },
      undefined,
    ],
    [
      'those of Anthropic',
      {
        'anthropic-ratelimit-input-tokens-remaining': '0',
        'anthropic-ratelimit-input-tokens-reset': '2030-01-01T00:00:42Z',
        'anthropic-ratelimit-requests-remaining': '49',
        'anthropic-ratelimit-requests-reset': '2030-01-01T05:00:00Z',
      },
      42 * SECOND,
    ],
    [
      'those without a kind, as OpenRouter sends them',
      { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(NOW + 31_000) },
      31 * SECOND,
    ],
    ['those of the IETF', { 'ratelimit-remaining': '0', 'ratelimit-reset': '15' }, 15 * SECOND],
    ['those of the IETF in one header', { ratelimit: 'limit=10, remaining=0, reset=15' }, 15 * SECOND],
    ['structured ones', { ratelimit: '"burst";r=5;t=99, "day";r=0;t=15' }, 15 * SECOND],
    ['those with another spelling', { 'x-rate-limit-reset': '15' }, 15 * SECOND],
    ['those of a duration', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '15.5' }, 15_500],
  ])('count: %s', (_, headers, delay) => {
    expect(byHeaders(headers)).toBe(delay)
  })

  it('are judged by the clock of the server if they have a time', () => {
    const headers = { date: 'Tue, 01 Jan 2030 03:00:00 GMT', 'x-ratelimit-reset': '2030-01-01T03:00:04Z' }
    expect(byHeaders(headers)).toBe(4 * SECOND)
  })

  it('count less than the words if they do not say how much is left', () => {
    const responseHeaders = { 'x-ratelimit-reset-requests': '8h' }
    expect(retryDelayOf({ responseHeaders, message: 'try again in 20s' }, NOW)).toBe(20 * SECOND)
    const usedUp = { ...responseHeaders, 'x-ratelimit-remaining-requests': '0' }
    expect(retryDelayOf({ responseHeaders: usedUp, message: 'try again in 20s' }, NOW)).toBe(8 * HOUR)
  })
})

describe('the words of an error', () => {
  it.each([
    ['Rate limit reached. Limit: 3 / min. Please try again in 20s. Visit https://x.y/account', 20 * SECOND],
    [
      'Rate limit reached for x in organization y on tokens per min (TPM): Limit 6000, Used 5900, Requested 700. Please try again in 7.66s.',
      7660,
    ],
    ['Please try again in 6m0s', 6 * MINUTE],
    ['try again in 1m30s', 90 * SECOND],
    ['Try again in 6 minutes', 6 * MINUTE],
    ['Please try again in 250ms.', 250],
    ['try again in 1h2m3.5s', HOUR + 2 * MINUTE + 3500],
    ['Please retry after 30 seconds.', 30 * SECOND],
    ['Please retry after 1 minute and 5 seconds', 65 * SECOND],
    ['Please retry in 33.07s', 33_070],
    ['Retry after 30', 30 * SECOND],
    ['retry-after: 12', 12 * SECOND],
    ['Please wait 45 seconds before you try again', 45 * SECOND],
    ['You must wait at least 2 min.', 2 * MINUTE],
    ['Please wait for about 10 seconds and try again', 10 * SECOND],
    ['The limit resets in 3 hours', 3 * HOUR],
    ['try again in a minute', MINUTE],
    ['try again in an hour', HOUR],
    ['Try again at 2030-01-01T00:00:05Z', 5 * SECOND],
    ['The quota resets at 2030-01-01 00:01 UTC', MINUTE],
    ['try again in 90 days', DAY],
    ['try again later', undefined],
    ['try again in a few minutes', undefined],
    ['Limit: 10 requests per 5 minutes', undefined],
    ['the model took 30 seconds', undefined],
    ['try again in -5s', undefined],
    ['retry after 2030', 2030 * SECOND],
    ['retry after 2030-01-01', undefined],
    ['', undefined],
  ])('%j ask for %s ms', (text, delay) => {
    expect(byWords(text)).toBe(delay)
    expect(byBody(JSON.stringify({ error: { message: text } }))).toBe(delay)
  })

  it.each([
    ['{"error":{"details":[{"@type":"google.rpc.RetryInfo","retryDelay":"1.5s"}]}}', 1500],
    ['{"error":{"details":[{"retryDelay": {"seconds": 33, "nanos": 5}}]}}', 33 * SECOND],
    ['[{"error":{"message":"Please retry in 9s","details":[{"retryDelay":"33s"}]}}]', 33 * SECOND],
    ['{"error":{"metadata":{"raw":"{\\"error\\":{\\"details\\":[{\\"retryDelay\\":\\"4s\\"}]}}"}}}', 4 * SECOND],
    ['{"message":"slow down","retry_after":2.5}', 2500],
    ['{"retryAfterMs":2500}', 2500],
    ['{"retry_after_seconds":"7"}', 7 * SECOND],
    ['{"error":"Model x is currently loading","estimated_time":20.5}', 20_500],
    ['<html>try again in 5 minutes</html>', 5 * MINUTE],
    ['{"error":{"message":"no"},"input":"try again in 5 minutes"}', undefined],
    ['{', undefined],
  ])('the body %s asks for %s ms', (body, delay) => {
    expect(byBody(body)).toBe(delay)
  })

  it('count in a stream, too', () => {
    expect(retryDelayOf({ message: 'x', data: { details: [{ retryDelay: '4s' }] } })).toBe(4 * SECOND)
  })

  it('take no time if they never end', () => {
    const began = threadTime()
    for (const text of ['try ', 'again in 1', '1m', 'retry after ', '1, '])
      byBody(`{"error":{"message":"try again in ${text.repeat(9000)}"}}`)
    expect(threadTime() - began).toBeLessThan(1000)
  })
})
