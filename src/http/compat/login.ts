import { z } from 'zod'
import { type Route, route } from '../routing/route.ts'

const wallet_address = z.string().min(1).max(200)
const expires_at = z.string().meta({ description: 'an ISO time' })
const iso = (time: number) => new Date(time).toISOString()
const post = { method: 'post', scope: null } as const

/** Login with a wallet. Its words name no server, so only `serve: { login: [choir] }` allows it. */
export const loginRoutes: readonly Route[] = [
  route({
    ...post,
    path: '/api/auth/challenge',
    rare: true,
    summary: 'Begin a login with a wallet',
    body: z.strictObject({ wallet_address }),
    answer: { about: 'the challenge', schema: z.object({ challenge: z.string(), expires_at }) },
    errors: ['login_off', 'invalid_input'],
    async handle({ runtime, body: { wallet_address: address } }) {
      const { challenge, expiresAt } = await runtime.access.logins.challenge({ address, door: 'choir' })
      return { challenge, expires_at: iso(expiresAt) }
    },
  }),
  route({
    ...post,
    path: '/api/auth/login',
    summary: 'Log in with a signed challenge',
    body: z.strictObject({
      wallet_address,
      challenge: z.string().regex(/^[0-9a-f]{64}$/),
      signature: z.string().max(400),
    }),
    answer: {
      about: 'an API key as a token',
      schema: z.object({ access_token: z.string(), token_type: z.string(), expires_at, user_id: z.string() }),
    },
    errors: ['login_off', 'login_refused', 'invalid_input'],
    async handle({ runtime, actsFor, body: { wallet_address: address, signature: given, challenge } }) {
      const signature = /^[0-9a-f]{194,196}$/i.test(given) ? Buffer.from(given, 'hex').toString('base64') : given
      const key = await runtime.access.logins.open({ address, challenge, signature, door: 'choir' })
      actsFor(key.owner, '/api/auth/login')
      return { access_token: key.token, token_type: 'bearer', expires_at: iso(key.expiresAt!), user_id: key.owner }
    },
  }),
]
