import { describe, expect, it } from 'vitest'
import { describeEnding, endingOf } from '../../../src/model/reply/ending.ts'

describe('the end of a reply', () => {
  it.each([
    ['length', 'length'],
    ['length', 'MAX_TOKENS'],
    ['length', 'model_context_window_exceeded'],
    ['other', 'max_output_tokens'],
    ['other', 'model_length'],
    ['other', 'token_limit'],
    ['unknown', 'FINISH_REASON_LENGTH'],
  ])('is missing after the limit of tokens (%s, %s)', (unified, raw) => {
    expect(endingOf({ unified, raw })).toEqual({ type: 'cut', by: 'tokens', word: raw })
  })

  it.each([
    ['stop', 'pause_turn'],
    ['other', 'OTHER'],
    ['other', 'LANGUAGE'],
    ['other', 'incomplete'],
  ])('may be missing where the provider ended it for another reason (%s, %s)', (unified, raw) => {
    expect(endingOf({ unified, raw })).toEqual({ type: 'cut', by: 'provider', word: raw })
  })

  it.each([
    ['content-filter', undefined],
    ['other', 'IMAGE_SAFETY'],
    ['other', 'sensitive'],
    ['other', 'guardrail_intervened'],
  ])('is a refusal where a filter ended it (%s, %s)', (unified, raw) => {
    expect(endingOf({ unified, raw }).type).toBe('refused')
  })

  it.each([
    ['error', 'MALFORMED_FUNCTION_CALL'],
    ['error', 'UNEXPECTED_TOOL_CALL'],
    ['other', 'function_call_filter: MALFORMED_FUNCTION_CALL'],
    ['other', 'malformed_function_call'],
  ])('is malformed where the provider could not read a call (%s, %s)', (unified, raw) => {
    expect(endingOf({ unified, raw })).toEqual({ type: 'malformed', why: raw })
  })

  it.each([
    ['error', undefined],
    ['other', 'abort'],
    ['other', 'network_error'],
    ['other', 'insufficient_system_resource'],
  ])('is broken where the provider failed (%s, %s)', (unified, raw) => {
    expect(endingOf({ unified, raw }).type).toBe('broken')
  })

  it.each([
    ['stop', 'stop'],
    ['stop', undefined],
    ['other', 'eos'],
    ['other', undefined],
    ['tool-calls', 'tool_calls'],
  ])('is there otherwise (%s, %s)', (unified, raw) => {
    expect(endingOf({ unified, raw }).type).toBe('whole')
  })
})

it('says which limit cut a reply', () => {
  const cut = { type: 'cut', by: 'tokens', word: 'length' } as const
  expect(describeEnding('lab/a', cut, { maxTokens: 50 })).toBe(
    'the reply of lab/a ended at its limit of tokens (50), so its end is missing',
  )
  expect(describeEnding('lab/a', { ...cut, by: 'provider', word: 'OTHER' }, {})).toBe(
    'the provider of lab/a ended the reply early (OTHER), so its end may be missing',
  )
})
