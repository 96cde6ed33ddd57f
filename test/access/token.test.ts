import { expect, it } from 'vitest'
import { newToken, readToken, sameHash } from '../../src/access/token.ts'

it('has a public id and a secret of 256 bits', () => {
  const { id, token, hash } = newToken('ak')
  const [, secret] = new RegExp(`^ak_${id}_(.+)$`).exec(token) ?? []
  expect(Buffer.from(secret!, 'base64url')).toHaveLength(32)
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
  expect(readToken('ak', token)).toEqual({ id, hash })
  expect(newToken('ak').token).not.toBe(token)
})

const { token } = newToken('ak')

it.each([
  ['nothing', ''],
  ['another kind', token.replace('ak', 'lk')],
  ['a secret that is too short', token.slice(0, -1)],
  ['a secret that is too long', `${token}A`],
  ['more before it', ` ${token}`],
  ['more after it', `${token}\n`],
  ['an id of other characters', token.replace(/^ak_./, 'ak_X')],
])('is not read from %s', (_, text) => {
  expect(readToken('ak', text)).toBeUndefined()
})

it.each([
  ['abc', 'abc', true],
  ['abc', 'abd', false],
  ['abc', 'abcd', false],
])('compares %s and %s', (one, other, same) => {
  expect(sameHash(one, other)).toBe(same)
})
