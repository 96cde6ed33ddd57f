import { z } from 'zod'
import { type Route, route } from '../routing/route.ts'
import { chatRoutes } from './chat.ts'
import { recoverRoutes } from './recover.ts'
import { rewardRoutes } from './rewards.ts'
import { threadRoutes } from './threads.ts'
import { absentRoutes } from './unsupported.ts'
import { userRoutes } from './users.ts'
import { vectorRoutes } from './vectors.ts'

const healthy = z.object({ status: z.literal('healthy') })

/** Health checks of upstream's load balancers. */
const healthRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/health',
    foreign: true,
    scope: null,
    unlimited: true,
    summary: 'Whether the process answers',
    answer: { about: 'it does', schema: healthy },
    handle: () => ({ status: 'healthy' as const }),
  }),
  route({
    method: 'get',
    path: '/api/postchain/health',
    foreign: true,
    scope: null,
    unlimited: true,
    summary: 'Whether the process answers',
    answer: { about: 'it does', schema: healthy.extend({ message: z.string() }) },
    handle: () => ({ status: 'healthy' as const, message: 'PostChain API is running' }),
  }),
]

/** Upstream's PostChain HTTP API, on top of antiphon's threads and asks. */
export const POSTCHAIN_ROUTES: readonly Route[] = [
  ...chatRoutes,
  ...recoverRoutes,
  ...threadRoutes,
  ...userRoutes,
  ...vectorRoutes,
  ...rewardRoutes,
  ...healthRoutes,
  ...absentRoutes,
]
