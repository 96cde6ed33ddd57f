import { z } from 'zod'
import { maybe } from '../../document.ts'
import { NotFoundError } from '../../errors.ts'
import { page } from '../../house/common-fields.ts'
import { ownerName } from '../../house/scope.ts'
import { type Route, route } from '../routing/route.ts'
import { wrap, wrapped } from './reply.ts'
import { thread, threadOf } from './threads.ts'

const user = z.object({ id: z.string(), public_key: z.string().meta({ description: 'the same' }) })
const params = z.object({ owner: ownerName })

/** The owner of a key, as upstream's user; another one does not exist for it. */
function userOf(caller: { readonly owner: string }, owner: string): z.infer<typeof user> {
  if (owner === caller.owner) return { id: owner, public_key: owner }
  throw new NotFoundError(`There is no user ${owner}.`, { hint: 'A user is the owner of the API key.' })
}

/** Users: the owner of the key, and its threads. */
export const userRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/api/users',
    scope: 'read',
    summary: 'The owner of the key; this creates no user and no key',
    asksOnly: true,
    body: z.strictObject({
      public_key: z.string().min(1).max(500).meta({ description: 'ignored: the user is the owner of the key' }),
    }),
    answer: { about: 'the user', schema: wrapped({ user }) },
    handle: ({ caller }) => wrap({ user: userOf(caller, caller.owner) }),
  }),
  route({
    method: 'get',
    path: '/api/users/{owner}',
    scope: 'read',
    summary: 'The owner of the key',
    params,
    answer: { about: 'the user', schema: wrapped({ user }) },
    errors: ['not_found'],
    handle: ({ caller, params }) => wrap({ user: userOf(caller, params.owner) }),
  }),
  route({
    method: 'get',
    path: '/api/users/{owner}/threads',
    scope: 'read',
    summary: 'The threads of the owner of the key, the newest first',
    params,
    query: z.object(page),
    answer: { about: 'a page of threads', schema: wrapped({ threads: z.array(thread), next: maybe(z.string()) }) },
    errors: ['not_found', 'bad_cursor'],
    async handle({ runtime, caller, params, query }) {
      const { id: owner } = userOf(caller, params.owner)
      const { items, ...more } = await runtime.threads.list({ ...query, owner })
      return wrap({ threads: items.map(threadOf), ...more })
    },
  }),
]
