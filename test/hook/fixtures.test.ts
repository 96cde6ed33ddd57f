import { expect, test } from 'vitest'
import type { Scheme } from '../../src/hook/definition.ts'
import { verifyDelivery } from '../../src/hook/verify.ts'

type Fixture = {
  readonly scheme: Scheme
  readonly secret: string
  readonly body: string
  readonly headers: { readonly [name: string]: string }
  /** seconds since the epoch */
  readonly at: number
  readonly known: object
}

/** The example that Standard Webhooks and Svix publish. */
const published = {
  scheme: 'standard',
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  body: '{"test": 2432232314}',
  at: 1_614_265_330,
  known: { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek' },
} as const

const standardHeaders = (prefix: string) => ({
  [`${prefix}-id`]: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  [`${prefix}-timestamp`]: '1614265330',
  [`${prefix}-signature`]: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
})

/** Deliveries with the headers of real senders. Nothing of antiphon has signed them. */
const FIXTURES: { readonly [sender: string]: Fixture } = {
  'Standard Webhooks': { ...published, headers: standardHeaders('webhook') },
  Svix: { ...published, headers: { ...standardHeaders('svix'), 'user-agent': 'Svix-Webhooks/1.24' } },
  'Svix under both names': { ...published, headers: { ...standardHeaders('svix'), ...standardHeaders('webhook') } },
  // of the documentation of GitHub
  GitHub: {
    scheme: 'github',
    secret: "It's a Secret to Everybody",
    body: 'Hello, World!',
    headers: {
      'user-agent': 'GitHub-Hookshot/044aadd',
      'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
      'x-github-event': 'issues',
      'x-github-hook-id': '292430182',
      'x-github-hook-installation-target-id': '79929171',
      'x-github-hook-installation-target-type': 'repository',
      'x-hub-signature': 'sha1=7d38cdd689735b008b3c702edd92eea23791c5f6',
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    },
    at: 1_764_232_200,
    known: { unsigned: { event: 'issues', delivery: '72d3162e-cc78-11e3-81ab-4c9367dc0958' } },
  },
  // generateTestHeaderString of stripe 23.1.0, beside an old signature as during a change of the secret
  Stripe: {
    scheme: 'stripe',
    secret: 'whsec_test_secret',
    body: '{"id":"evt_1","object":"event","type":"invoice.paid","data":{"object":{"id":"in_1","customer":"cus_é"}}}',
    headers: {
      'stripe-signature': `t=1764232200,v1=${'0'.repeat(64)},v1=c2cb8a975b1daf79022b7b2aa2577d101dd971b93dd4327ab99454aca574269a,v0=1`,
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    },
    at: 1_764_232_200,
    known: {},
  },
}

test.each(Object.entries(FIXTURES))('a delivery of %s is read, and refused after one change', (_, fixture) => {
  const { scheme, secret, body, headers, at, known } = fixture
  const verify = (changed: Partial<Fixture> = {}) => {
    const sent = { ...fixture, ...changed }
    const header = (name: string) => sent.headers[name]
    return verifyDelivery(scheme, [sent.secret], { body: Buffer.from(sent.body), header }, at * 1000)
  }
  expect(verify()).toMatchObject(known)
  const refused = expect.objectContaining({ code: 'hook_signature' })
  expect(() => verify({ body: `${body} ` })).toThrow(refused)
  expect(() => verify({ secret: `${secret}abcd` })).toThrow(refused)
  for (const name of Object.keys(headers).filter((one) => /signature(-256)?$/.test(one) && one !== 'x-hub-signature'))
    if (scheme !== 'standard' || !name.startsWith('svix') || headers['webhook-id'] === undefined)
      expect(() => verify({ headers: { ...headers, [name]: '' } })).toThrow(refused)
})
