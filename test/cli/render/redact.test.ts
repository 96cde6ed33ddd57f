import { expect, it } from 'vitest'
import { redacted } from '../../../src/cli/render/redact.ts'

it('values with names of secrets are hidden, also if they are cut', () => {
  const value = {
    apiKey: 'k',
    api_key: 'k',
    password: 'p',
    nested: [{ authorization: 'a', clientSecret: 's' }],
    key: 'id',
    tokens: 3,
  }
  const hidden = '(hidden)'
  const expected = {
    apiKey: hidden,
    api_key: hidden,
    password: hidden,
    nested: [{ authorization: hidden, clientSecret: hidden }],
    key: 'id',
    tokens: 3,
  }
  expect(redacted(value)).toEqual(expected)
  expect(redacted(value, { cut: false })).toEqual(expected)
})

it('long texts, long lists and great depths are cut, and say so', () => {
  const deep = [[[[[[[[[['deep']]]]]]]]]]
  const value = { text: 'x'.repeat(1000), list: Array.from({ length: 30 }, (_, index) => index), deep }
  const cut = redacted(value) as { text: string; list: unknown[] }
  expect(cut.text).toBe(`${'x'.repeat(500)}… (1000 characters)`)
  expect(cut.list.slice(19)).toEqual([19, '… and 10 more'])
  expect(JSON.stringify(cut)).not.toContain('deep"]')
  expect(redacted(value, { cut: false })).toEqual(value)
})
