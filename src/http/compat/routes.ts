import { z } from 'zod'
import { TerminalError } from '../../errors.ts'
import { type Route, route } from '../routing/route.ts'
import { chatRoutes } from './chat.ts'
import { loginRoutes } from './login.ts'
import { recoverRoutes } from './recover.ts'
import { rewardRoutes } from './rewards.ts'
import { threadRoutes } from './threads.ts'
import { userRoutes } from './users.ts'
import { vectorRoutes } from './vectors.ts'

const healthy = z.object({ status: z.literal('healthy') })

/** A health check of upstream's load balancers. */
const healthRoute = <Health>(path: string, schema: z.ZodType<Health>, health: Health): Route =>
  route({
    method: 'get',
    path,
    scope: null,
    unlimited: true,
    summary: 'Whether the process answers',
    answer: { about: 'it does', schema },
    handle: () => health,
  })

const PUSH = [
  'push to devices',
  'Read GET /api/notifications, or GET /v1/ledger/history. `notify:` in antiphon.yaml calls a webhook.',
] as const

/** Upstream endpoints that antiphon lacks, each with its feature and the replacement. */
const ABSENT = [
  ['get', '/api/auth/me', 'the user of a login', 'GET /v1/caller names the owner of a key, and its scopes.'],
  ['post', '/api/notifications/register-device', ...PUSH],
  ['post', '/api/notifications/test-push', ...PUSH],
] as const

/** Answers name the missing feature, so that clients do not suspect a wrong address. */
const absentRoutes: readonly Route[] = ABSENT.map(([method, path, what, hint]) =>
  route({
    method,
    path,
    scope: null,
    summary: `Not here: ${what}`,
    answer: { about: 'never' },
    errors: ['not_offered'],
    handle() {
      throw new TerminalError(`${what} is not supported here.`, { code: 'not_offered', hint })
    },
  }),
)

/** Upstream's PostChain HTTP API, on top of antiphon's threads and asks. */
export const POSTCHAIN_ROUTES: readonly Route[] = [
  ...chatRoutes,
  ...recoverRoutes,
  ...threadRoutes,
  ...userRoutes,
  ...vectorRoutes,
  ...rewardRoutes,
  ...loginRoutes,
  healthRoute('/health', healthy, { status: 'healthy' }),
  healthRoute('/api/postchain/health', healthy.extend({ message: z.string() }), {
    status: 'healthy',
    message: 'PostChain API is running',
  }),
  ...absentRoutes,
].map((one) => ({ ...one, foreign: true }))
