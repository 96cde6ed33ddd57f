import { createHmac } from 'node:crypto'
import { sign } from '@octokit/webhooks-methods'
import { Webhook } from 'standardwebhooks'

/** The secrets of the three senders, as the store has them. */
export const SECRETS = {
  standard: `whsec_${Buffer.from('a secret of twenty-four b').toString('base64')}`,
  stripe: 'whsec_test_secret',
  github: 'It is a secret to everybody',
} as const

export type Signed = { readonly body: string; readonly headers: { readonly [name: string]: string } }

/** A delivery as the library of Standard Webhooks signs it. `at`: ms since the epoch. */
export function standardDelivery(body: string, id: string, at: number, secret: string = SECRETS.standard): Signed {
  const signature = new Webhook(secret).sign(id, new Date(at), body)
  const stamp = String(Math.floor(at / 1000))
  return { body, headers: { 'webhook-id': id, 'webhook-timestamp': stamp, 'webhook-signature': signature } }
}

/** A delivery as Stripe signs it; a vector of its own library holds the same. */
export function stripeDelivery(body: string, at: number, secret: string = SECRETS.stripe): Signed {
  const t = Math.floor(at / 1000)
  const v1 = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')
  return { body, headers: { 'stripe-signature': `t=${t},v1=${v1}` } }
}

/** A delivery as the library of GitHub signs it. */
export async function githubDelivery(body: string, event = 'push', more: Signed['headers'] = {}): Promise<Signed> {
  const signature = await sign(SECRETS.github, body)
  return { body, headers: { 'x-hub-signature-256': signature, 'x-github-event': event, ...more } }
}
