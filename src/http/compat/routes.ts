import { z } from 'zod'
import { TerminalError } from '../../errors.ts'
import { type Route, route } from '../routing/route.ts'
import { chatRoutes } from './chat.ts'
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
    foreign: true,
    scope: null,
    unlimited: true,
    summary: 'Whether the process answers',
    answer: { about: 'it does', schema },
    handle: () => health,
  })

type Absent = {
  readonly what: string
  readonly instead: string
  readonly paths: readonly (readonly ['get' | 'post', string])[]
}

/** Upstream endpoints that antiphon lacks, with their replacements. */
const ABSENT: readonly Absent[] = [
  {
    what: 'login with a wallet',
    instead: 'Send an API key as the bearer token: antiphon keys api create.',
    paths: [
      ['post', '/api/auth/challenge'],
      ['post', '/api/auth/login'],
      ['get', '/api/auth/me'],
    ],
  },
  {
    what: 'push to devices',
    instead: 'Read GET /api/notifications, or GET /v1/ledger/history. `notify:` in antiphon.yaml calls a webhook.',
    paths: [
      ['post', '/api/notifications/register-device'],
      ['post', '/api/notifications/test-push'],
    ],
  },
]

/** Answers name the missing feature, so that clients do not suspect a wrong address. */
const absentRoutes: readonly Route[] = ABSENT.flatMap(({ what, instead, paths }) =>
  paths.map(([method, path]) =>
    route({
      method,
      path,
      foreign: true,
      scope: null,
      summary: `Not here: ${what}`,
      answer: { about: 'never' },
      errors: ['not_offered'],
      handle() {
        throw new TerminalError(`${what} is not supported here.`, { code: 'not_offered', hint: instead })
      },
    }),
  ),
)

/** Upstream's PostChain HTTP API, on top of antiphon's threads and asks. */
export const POSTCHAIN_ROUTES: readonly Route[] = [
  ...chatRoutes,
  ...recoverRoutes,
  ...threadRoutes,
  ...userRoutes,
  ...vectorRoutes,
  ...rewardRoutes,
  healthRoute('/health', healthy, { status: 'healthy' }),
  healthRoute('/api/postchain/health', healthy.extend({ message: z.string() }), {
    status: 'healthy',
    message: 'PostChain API is running',
  }),
  ...absentRoutes,
]
