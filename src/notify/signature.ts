import { createHmac, hkdfSync } from 'node:crypto'
import { InvalidError } from '../errors.ts'

const PREFIX = 'whsec_'

/** The key in a secret of Standard Webhooks. InvalidError `notice_secret`, whose message has nothing of the secret. */
export function signingKey(secret: string): Buffer {
  const key = secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.alloc(0)
  if (key.length >= 24 && key.length <= 64) return key
  throw new InvalidError('Expected a secret whsec_… with 24 to 64 bytes in base64.', {
    code: 'notice_secret',
    hint: 'Make one: echo "whsec_$(openssl rand -base64 32)" | antiphon keys set NAME',
  })
}

/** The headers of a signed message. `at`: ms since the epoch. */
export function signedHeaders(key: Buffer, id: string, at: number, body: string): { readonly [name: string]: string } {
  const timestamp = String(Math.floor(at / 1000))
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}

/**
 * The token of the link of a notice. It is derived, so that each attempt sends the same address. It needs the secret,
 * which is not in the state, and the nonce of the notice, which its receiver does not know: neither of them is enough.
 */
export function linkToken(key: Buffer, nonce: string): { readonly id: string; readonly token: string } {
  const bytes = Buffer.from(hkdfSync('sha256', key, nonce, 'antiphon link', 40))
  const id = bytes.subarray(0, 8).toString('hex')
  return { id, token: `lk_${id}_${bytes.subarray(8).toString('base64url')}` }
}
