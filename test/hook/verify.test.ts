import { describe, expect, it, test } from 'vitest'
import type { Scheme } from '../../src/hook/definition.ts'
import { verifyDelivery } from '../../src/hook/verify.ts'
import { fc, runs } from '../property.ts'
import { githubDelivery, SECRETS, type Signed, standardDelivery, stripeDelivery } from './senders.ts'

const AT = 1_764_232_200_000
const BODY = '{"id":"evt_1","type":"invoice.paid","name":"Zoë"}'

function verify(scheme: Scheme, { body, headers }: Signed, now = AT, secrets: readonly string[] = [SECRETS[scheme]]) {
  const names = new Map(Object.entries(headers))
  return verifyDelivery(scheme, secrets, { body: Buffer.from(body), header: (name) => names.get(name) }, now)
}

const signed = async (scheme: Scheme, body = BODY, at = AT): Promise<Signed> => {
  if (scheme === 'standard') return standardDelivery(body, 'msg_1', at)
  return scheme === 'stripe' ? stripeDelivery(body, at) : githubDelivery(body)
}

describe.each(['standard', 'stripe', 'github'] as const)('%s', (scheme) => {
  it('accepts what its sender signs', async () => {
    expect(verify(scheme, await signed(scheme))).toEqual(expect.any(Object))
  })

  it('refuses each other body, header and secret', async () => {
    const whole = await signed(scheme)
    const refused = (other: Signed, secrets?: readonly string[]) =>
      expect(() => verify(scheme, other, AT, secrets)).toThrow(expect.objectContaining({ code: 'hook_signature' }))
    refused({ ...whole, body: `${BODY} ` })
    refused({ ...whole, headers: {} })
    refused(whole, [`whsec_${Buffer.from('another secret of 24 byte').toString('base64')}`])
    for (const name of Object.keys(whole.headers)) {
      if (name === 'x-github-event') continue
      const { [name]: value = '', ...rest } = whole.headers
      refused({ ...whole, headers: rest })
      for (const changed of ['', '1', value.slice(0, -8), value.replace(/\d/, (digit) => String((+digit + 1) % 10))])
        refused({ ...whole, headers: { ...rest, [name]: changed } })
    }
  })

  it('accepts a delivery with either secret while the secret is changed', async () => {
    const secrets = [`whsec_${Buffer.from('another secret of 24 byte').toString('base64')}`, SECRETS[scheme]]
    expect(verify(scheme, await signed(scheme), AT, secrets)).toEqual(expect.any(Object))
  })

  it('never accepts a header by chance', async () => {
    const { body, headers } = await signed(scheme)
    const name = Object.keys(headers).find((one) => one.includes('signature'))!
    const property = fc.property(fc.string({ maxLength: 200 }), (text) => {
      fc.pre(text !== headers[name])
      expect(() => verify(scheme, { body, headers: { ...headers, [name]: text } })).toThrow(
        expect.objectContaining({ code: 'hook_signature' }),
      )
    })
    fc.assert(property, runs(100))
  })
})

it.each(['standard', 'stripe'] as const)('%s counts for five minutes, before and after', async (scheme) => {
  const whole = await signed(scheme)
  for (const off of [-300_000, 0, 300_000]) expect(verify(scheme, whole, AT + off)).toEqual(expect.any(Object))
  for (const off of [-302_000, 302_000])
    expect(() => verify(scheme, whole, AT + off)).toThrow(expect.objectContaining({ code: 'hook_time' }))
})

test('one of several signatures is enough, and of more than ten the first ten count', async () => {
  const whole = await signed('standard')
  const one = whole.headers['webhook-signature']!
  const other = `v1,${Buffer.alloc(32, 7).toString('base64')}`
  const withAll = (...all: string[]) => ({
    ...whole,
    headers: { ...whole.headers, 'webhook-signature': all.join(' ') },
  })
  expect(verify('standard', withAll(other, 'v1a,abc', one))).toMatchObject({ id: 'msg_1' })
  expect(() => verify('standard', withAll(...Array(10).fill(other), one))).toThrow(/does not fit/)
})

test('a delivery of GitHub is known by its body, since nothing signs its other id', async () => {
  const [first, second] = [verify('github', await githubDelivery(BODY)), verify('github', await githubDelivery('{}'))]
  expect(first.id).toMatch(/^[0-9a-f]{40,}$/)
  expect(first.unsigned).toEqual({ event: 'push' })
  expect(second.id).not.toBe(first.id)
})

test.each([
  ['standard', 'short'],
  ['stripe', 'short'],
  ['github', ''],
] as const)('a secret that is none of %s is refused: %j', async (scheme, secret) => {
  const whole = await signed(scheme)
  expect(() => verify(scheme, whole, AT, [secret])).toThrow(expect.objectContaining({ code: 'hook_secret' }))
})
