import { APICallError } from '@ai-sdk/provider'
import { describe, expect, it } from 'vitest'
import { classifyError } from '../../../src/model/call/classify-error.ts'
import { toCallFailure } from '../../../src/model/call/failure.ts'
import type { CallFault } from '../../../src/model/call/failure-kinds.ts'

const openai = (message: string, more: object = {}) => JSON.stringify({ error: { message, ...more } })
const google = (limit: string) =>
  openai(
    `You exceeded your current quota, please check your plan and billing details.\n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, ${limit}\nPlease retry in 33.2s.`,
    { code: 429, status: 'RESOURCE_EXHAUSTED' },
  )
const bare = (error: string) => JSON.stringify({ error })
const of = (statusCode: number, responseBody: string) => classifyError({ statusCode, responseBody })

describe('a refusal', () => {
  it.each<[CallFault, number, string]>([
    // wrong key
    ['auth', 401, ''],
    ['auth', 401, openai('Incorrect API key provided: sk-x', { code: 'invalid_api_key' })],
    ['auth', 403, ''],
    ['auth', 403, openai('Your API key was disabled')],
    ['auth', 400, openai('API key not valid. Please pass a valid API key.', { status: 'INVALID_ARGUMENT' })],
    ['auth', 400, openai('API key expired. Please renew the API key.')],
    [
      'auth',
      401,
      JSON.stringify({ type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } }),
    ],
    ['auth', 401, JSON.stringify({ detail: 'Unauthorized' })],
    // no right
    [
      'forbidden',
      403,
      openai('Country, region, or territory not supported', { code: 'unsupported_country_region_territory' }),
    ],
    ['forbidden', 400, openai('User location is not supported for the API use.', { status: 'FAILED_PRECONDITION' })],
    ['forbidden', 403, openai('The caller does not have permission', { status: 'PERMISSION_DENIED' })],
    ['forbidden', 401, openai('You have insufficient permissions for this operation. Missing scopes: model.request')],
    ['forbidden', 403, openai('Request not allowed', { type: 'forbidden' })],
    ['forbidden', 451, ''],
    // no money
    ['quota', 402, ''],
    ['quota', 402, openai('Insufficient Balance')],
    [
      'quota',
      429,
      openai('You exceeded your current quota, please check your plan and billing details.', {
        code: 'insufficient_quota',
      }),
    ],
    ['quota', 429, openai('You exceeded your current quota, please check your plan and billing details.')],
    ['quota', 400, openai('Your credit balance is too low to access the Anthropic API.')],
    ['quota', 400, openai('Billing hard limit has been reached', { code: 'billing_hard_limit_reached' })],
    [
      'quota',
      400,
      openai('You have reached your specified API usage limits. You will regain access on 2030-02-01 at 00:00 UTC.'),
    ],
    ['quota', 403, openai('Your newly created team does not have any credits yet.')],
    ['quota', 401, openai('no balance', { code: 'insufficient_quota' })],
    ['quota', 429, openai('Your prepayment credits are depleted.', { code: 429, status: 'RESOURCE_EXHAUSTED' })],
    ['quota', 402, openai('This request requires more credits, or fewer max_tokens. You can only afford 6000.')],
    ['quota', 403, openai('The free tier of the model has been exhausted.', { code: 'AllocationQuota.FreeTierOnly' })],
    ['quota', 400, openai('no', { type: 'billing_error' })],
    ['quota', 429, google('limit: 0, model: gemini-2.5-pro')],
    ['quota', 429, google('limit: 0')],
    ['rate_limit', 429, google('limit: 0.5')],
    ['rate_limit', 429, google('limit: 50, model: gemini-2.5-flash')],
    ['rate_limit', 429, openai('Resource has been exhausted (e.g. check quota).', { status: 'RESOURCE_EXHAUSTED' })],
    // no such model
    [
      'not_found',
      404,
      openai('The model `gpt-0` does not exist or you do not have access to it.', { code: 'model_not_found' }),
    ],
    ['not_found', 403, openai('Project `p` does not have access to model `gpt-0`', { code: 'model_not_found' })],
    ['not_found', 404, bare("model 'llama9' not found, try pulling it first")],
    ['not_found', 404, openai('model: claude-0', { type: 'not_found_error' })],
    [
      'not_found',
      404,
      openai('models/gemini-0 is not found for API version v1beta, or is not supported for generateContent.'),
    ],
    ['not_found', 400, openai('x/y is not a valid model ID')],
    ['not_found', 404, openai('No endpoints found for x/y.')],
    ['not_found', 400, JSON.stringify({ message: 'Invalid model: small', type: 'invalid_model' })],
    ['not_found', 400, openai('Model Not Exist')],
    ['not_found', 400, openai('no', { param: 'model' })],
    ['not_found', 404, openai('The API deployment for this resource does not exist.', { code: 'DeploymentNotFound' })],
    [
      'not_found',
      400,
      openai('The model `old` has been decommissioned and is no longer supported.', { code: 'model_decommissioned' }),
    ],
    // no such path
    ['url', 404, ''],
    ['url', 404, 'nothing here'],
    ['url', 404, '404 page not found'],
    ['url', 404, '<!DOCTYPE html><html><body><pre>Cannot POST /chat/completions</pre></body></html>'],
    ['url', 404, JSON.stringify({ detail: 'Not Found' })],
    ['url', 404, openai('Invalid URL (POST /v2/chat/completions)', { type: 'invalid_request_error', param: null })],
    ['url', 405, JSON.stringify({ detail: 'Method Not Allowed' })],
    ['url', 410, 'https://old.example is no longer supported'],
    ['url', 400, 'Cannot POST /chat/completions'],
    ['url', 302, ''],
    ['url', 501, '<html>Unsupported method (POST)</html>'],
    // too long
    ['context_length', 413, ''],
    ['context_length', 413, '<html><title>413 Request Entity Too Large</title></html>'],
    [
      'context_length',
      400,
      openai("This model's maximum context length is 8192 tokens.", { code: 'context_length_exceeded' }),
    ],
    [
      'context_length',
      400,
      openai('prompt is too long: 210000 tokens > 200000 maximum', { type: 'invalid_request_error' }),
    ],
    ['context_length', 400, openai('input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000')],
    [
      'context_length',
      400,
      openai('The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'),
    ],
    [
      'context_length',
      400,
      openai('The decoder prompt (length 5000) is longer than the maximum model length of 4096.'),
    ],
    [
      'context_length',
      400,
      openai('the request exceeds the available context size, try increasing it', {
        type: 'exceed_context_size_error',
      }),
    ],
    ['context_length', 500, openai('the request exceeds the available context size')],
    ['context_length', 500, bare('input length exceeds maximum context length')],
    [
      'context_length',
      400,
      openai('Please reduce the length of the messages or completion.', { code: 'context_length_exceeded' }),
    ],
    [
      'context_length',
      400,
      openai("This model's maximum prompt length is 131072 but the request contains 537812 tokens."),
    ],
    ['context_length', 422, bare('Input validation error: `inputs` must have less than 1024 tokens. Given: 2000')],
    ['context_length', 422, bare('`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000')],
    ['context_length', 400, openai('too many tokens: total number of tokens in the prompt cannot exceed 4081')],
    ['context_length', 400, openai('prompt token count of 130000 exceeds the limit of 128000')],
    ['context_length', 400, openai('Input is too long for requested model.')],
    ['context_length', 400, openai('Your request exceeded model token limit: 8192')],
    // larger than a whole limit of a minute: waiting never helps
    [
      'context_length',
      429,
      openai(
        'Request too large for gpt-4 in organization o on tokens per min (TPM): Limit 10000, Requested 13000. The input or output tokens must be reduced in order to run successfully.',
        { code: 'rate_limit_exceeded' },
      ),
    ],
    [
      'context_length',
      413,
      openai(
        'Request too large for model `x` on tokens per minute (TPM): Limit 6,000, Requested 6,500, please reduce your message size and try again.',
      ),
    ],
    // limits that pass
    ['rate_limit', 429, ''],
    [
      'rate_limit',
      413,
      openai(
        'Request too large for model `x` on tokens per minute (TPM): Limit 6000, Used 5000, Requested 1500, please try again in 5s',
        { code: 'rate_limit_exceeded' },
      ),
    ],
    [
      'rate_limit',
      429,
      openai(
        "This request would exceed your organization's rate limit of 30,000 input tokens per minute. Please reduce the prompt length or the maximum tokens requested, or try again later.",
      ),
    ],
    ['rate_limit', 429, openai('Rate limit reached on tokens per min (TPM): Limit 30000, Used 29000, Requested 5000.')],
    ['rate_limit', 429, openai('Too many tokens, please wait before trying again.', { type: 'ThrottlingException' })],
    [
      'rate_limit',
      429,
      openai('You exceeded your current quota, please check your plan and billing details. Please retry in 33.5s.', {
        status: 'RESOURCE_EXHAUSTED',
      }),
    ],
    ['rate_limit', 400, openai('Too many requests', { code: 'throttled' })],
    ['rate_limit', 403, openai('You have exceeded a secondary rate limit.')],
    ['overload', 503, openai('The model is overloaded. Please try again later.')],
    ['overload', 529, ''],
    ['overload', 400, openai('The server is busy')],
    ['timeout', 408, ''],
    ['network', 500, openai('The server had an error')],
    ['network', 502, '<html>Bad Gateway</html>'],
    ['network', 524, ''],
    // a filter
    ['content_filter', 400, openai('no', { code: 'content_filter' })],
    ['content_filter', 403, openai('Your chosen model requires moderation and your input was flagged')],
    // what remains
    ['rejected', 400, ''],
    ['rejected', 422, openai('Unsupported value: temperature', { type: 'invalid_request_error' })],
    ['rejected', 400, openai("Invalid schema for function 'x'", { param: 'tools[0].function.parameters' })],
    ['rejected', 400, openai('max_tokens is too large: 100000. This model supports at most 16384 completion tokens')],
    ['rejected', 400, openai('registry.ollama.ai/library/x does not support tools')],
    ['rejected', 400, openai("Unsupported parameter: 'temperature' is not supported with this model.")],
    // the words of the request say nothing about the error
    [
      'rejected',
      422,
      JSON.stringify({
        detail: [{ msg: 'Input should be a valid string', input: 'rate limit, context length, api key invalid' }],
      }),
    ],
  ])('is a %s with status %d and the body %s', (fault, status, body) => {
    expect(of(status, body)).toBe(fault)
  })
})

describe('an error inside a reply of status 200', () => {
  it.each<[CallFault, object]>([
    ['rate_limit', { error: { code: 429, message: 'Rate limited upstream' } }],
    ['overload', { error: { code: '503', message: 'no' } }],
    ['not_found', { error: { code: 400, message: 'x is not a valid model ID' } }],
    ['auth', { error: { code: 401, message: 'User not found.' } }],
    ['network', { choices: [{ text: 'context length, rate limit' }] }],
  ])('is a %s: %j', (fault, body) => {
    expect(of(200, JSON.stringify(body))).toBe(fault)
  })

  it('is reported with its own status and words', () => {
    const error = new APICallError({
      message: 'Invalid JSON response',
      url: 'http://x',
      requestBodyValues: {},
      statusCode: 200,
      responseBody: openai('Provider returned an error', { code: 429, metadata: { raw: 'slow down' } }),
    })
    expect(failureOf(error)).toMatchObject({
      code: 'model_rate_limited',
      message: 'Model lab/small failed with status 429: Provider returned an error',
    })
  })

  it('and in a stream has the status that it states', () => {
    expect(classifyError({ code: 429, message: 'no' })).toBe('rate_limit')
    expect(classifyError({ message: 'no', data: { error: { code: 402 } } })).toBe('quota')
    expect(classifyError({ code: 'server_error', message: 'no' })).toBe('network')
  })
})

const failureOf = (error: unknown) =>
  toCallFailure(error, {
    model: 'lab/small',
    redact: (text: string) => text,
    signal: new AbortController().signal,
    now: 0,
  }) as Error & { code: string; hint?: string; delay?: number }

describe('a connection that fails', () => {
  const connecting = (code: string, message = code) =>
    new APICallError({
      message: `Cannot connect to API: ${message}`,
      url: 'http://x',
      requestBodyValues: {},
      isRetryable: true,
      cause: Object.assign(new Error(message), { code }),
    })

  it.each([
    ['ECONNREFUSED', 'model_unavailable'],
    ['ENOTFOUND', 'model_unavailable'],
    ['EAI_AGAIN', 'model_unavailable'],
    ['ECONNRESET', 'model_unavailable'],
    ['UND_ERR_SOCKET', 'model_unavailable'],
    ['ERR_TLS_HANDSHAKE_TIMEOUT', 'model_unavailable'],
    ['HPE_INVALID_CHUNK_SIZE', 'model_unavailable'],
    ['CERT_HAS_EXPIRED', 'model_untrusted'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'model_untrusted'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'model_untrusted'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'model_untrusted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'model_untrusted'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'model_untrusted'],
    ['HPE_INVALID_CONSTANT', 'model_url_not_found'],
  ])('by %s is a %s', (code, expected) => {
    expect(failureOf(connecting(code))).toMatchObject({ code: expected })
  })

  it.each([
    ['bad port', new APICallError({ message: 'Cannot connect to API: bad port', url: 'x', requestBodyValues: {} })],
    ['unknown scheme', Object.assign(new TypeError('fetch failed'), { cause: new Error('unknown scheme') })],
    ['no address', Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL' })],
  ])('because of %s has a wrong address', (_, error) => {
    const caused = Object.assign(error, { cause: error.cause ?? new Error('bad port') })
    expect(failureOf(caused)).toMatchObject({ code: 'model_url_not_found' })
  })

  it('says where to look', () => {
    expect(failureOf(connecting('ECONNREFUSED')).hint).toMatch(
      /server of the provider runs\. Check also baseURL of the provider lab/,
    )
    const ollama = {
      model: 'ollama/llama3.2',
      redact: (text: string) => text,
      signal: new AbortController().signal,
      now: 0,
    }
    expect(toCallFailure(connecting('ECONNREFUSED'), ollama)).toMatchObject({
      hint: expect.stringContaining('Start Ollama: ollama serve.'),
    })
    expect(failureOf(connecting('CERT_HAS_EXPIRED')).hint).toMatch(/certificate/)
  })
})

describe('the words of a failure', () => {
  const refused = (statusCode: number, responseBody: string, message = 'Not Found') =>
    failureOf(new APICallError({ message, url: 'http://x', requestBodyValues: {}, statusCode, responseBody }))

  it('are those of the server, whatever form its error has', () => {
    expect(refused(404, bare("model 'x' not found, try pulling it first")).message).toBe(
      "Model lab/small failed with status 404: model 'x' not found, try pulling it first",
    )
    expect(refused(404, '<html>').message).toBe('Model lab/small failed with status 404: Not Found')
    expect(refused(404, '', '').message).toBe('Model lab/small failed with status 404: no reason was given')
  })

  it.each([
    [401, '', /key of the provider lab/],
    [404, '', /baseURL of the provider lab/],
    [404, bare('model x not found'), /Check the name small/],
    [402, '', /Add money/],
  ])('come with a hint: %d %s', (status, body, hint) => {
    expect(refused(status, body).hint).toMatch(hint)
  })

  it('tell a web page in place of a reply, which may be there for a while', () => {
    expect(refused(200, '<!doctype html><p>context length</p>', 'Invalid JSON response')).toMatchObject({
      name: 'RetryableError',
      code: 'model_unavailable',
      message: 'Model lab/small failed: its reply cannot be read: it is a web page',
      hint: expect.stringContaining('baseURL'),
    })
  })
})
