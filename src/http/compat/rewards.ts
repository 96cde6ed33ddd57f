import { z } from 'zod'
import { ownerName } from '../../access/api-key.ts'
import { maybe } from '../../document.ts'
import { is, NotFoundError, TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { choirOf } from '../../ledger/amount.ts'
import type { ScopedRuntime } from '../authorize/scoped-runtime.ts'
import { type Route, route } from '../routing/route.ts'

const time = z.string()
const isoTime = (at: number) => new Date(at).toISOString()
const wrapped = <Shape extends z.ZodRawShape>(data: Shape) =>
  z.object({ success: z.literal(true), data: z.object(data) })

const user = z.object({ id: z.string(), public_key: z.string().meta({ description: 'the same' }) })
const vector = z.object({ id: z.string(), content: z.string(), metadata: z.object({ created_at: time }) })
const notification = z.object({
  id: z.string().meta({ description: 'the number of its entry in the ledger' }),
  type: z.literal('citation'),
  recipient_wallet_address: z.string(),
  vector_id: z.string().meta({ description: 'the prior that was cited' }),
  read: z.literal(false),
  created_at: time,
})

/** The owner of a key, as upstream's user; another one does not exist for it. */
function userOf(caller: { readonly owner: string }, owner: string): z.infer<typeof user> {
  if (owner === caller.owner) return { id: owner, public_key: owner }
  throw new NotFoundError(`There is no user ${owner}.`, { hint: 'A user is the owner of the API key.' })
}

/** Users, vectors, balances and notifications, from owners, priors and the ledger. A wallet is an owner. */
export const rewardRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/users/{owner}',
    foreign: true,
    scope: 'read',
    summary: 'The owner of the key',
    params: z.object({ owner: ownerName }),
    answer: { about: 'the user', schema: wrapped({ user }) },
    errors: ['not_found'],
    handle: ({ caller, params }) => ({ success: true as const, data: { user: userOf(caller, params.owner) } }),
  }),
  route({
    method: 'get',
    path: '/api/vectors/{vector}',
    foreign: true,
    scope: 'read',
    summary: 'A prompt that somebody has shared',
    params: z.object({ vector: z.string().regex(/^prior_[\w-]{22}$/, 'expected the id of a prior') }),
    answer: { about: 'the prompt', schema: vector },
    errors: ['not_found'],
    async handle({ runtime, params }) {
      const { id, text, at } = await runtime.priors.get(params.vector)
      return { id, content: text, metadata: { created_at: isoTime(at) } }
    },
  }),
  route({
    method: 'get',
    path: '/api/balance/balance/{owner}',
    foreign: true,
    scope: 'read',
    summary: 'The balance of an owner; that of another one only for an admin',
    params: z.object({ owner: ownerName }),
    answer: { about: 'in CHOIR', schema: z.object({ address: z.string(), balance: z.number() }) },
    errors: ['ledger_off'],
    async handle({ runtime, params: { owner } }) {
      const { balance } = await runtime.ledger.balance({ owner })
      return { address: owner, balance: choirOf(balance) }
    },
  }),
  route({
    method: 'post',
    path: '/api/balance/mint_choir/{owner}',
    foreign: true,
    scope: null,
    summary: 'Never: nothing is minted on request',
    answer: { about: 'never' },
    errors: ['method_not_allowed'],
    handle() {
      throw new TerminalError('Nothing is minted on request.', {
        code: 'method_not_allowed',
        hint: 'New prompts and citations are rewarded when an ask is answered.',
      })
    },
  }),
  route({
    method: 'get',
    path: '/api/notifications',
    foreign: true,
    scope: 'read',
    summary: 'The newest citations that an owner was paid for. Nothing tells who cited',
    query: z.object({ wallet_address: ownerName, limit: maybe(z.coerce.number().int().min(1).max(1000)) }),
    answer: { about: 'the newest first', schema: z.array(notification) },
    errors: ['ledger_off'],
    async handle({ runtime, query: { wallet_address: owner, limit = 100 } }) {
      const { items } = await runtime.ledger.history({ owner, limit })
      return items.flatMap(({ n, at, op }) => {
        const [type, , record = ''] = op.split(':')
        if (type !== 'citation') return []
        const about = { recipient_wallet_address: owner, vector_id: record, read: false as const }
        return [{ id: String(n), type, ...about, created_at: isoTime(at) }]
      })
    },
  }),
]

/** The rewards of an answered ask in upstream's fields, in CHOIR; none if it shared nothing and read no priors. */
export async function rewardFields(runtime: ScopedRuntime, ask: string): Promise<{ readonly [field: string]: Json }> {
  try {
    const { shared, novelty, citations } = await runtime.priors.rewards(ask)
    const paid = citations.reduce((sum, { amount }) => sum + BigInt(amount), 0n)
    return {
      ...(shared?.maxSimilarity !== undefined && { max_similarity: shared.maxSimilarity }),
      ...(shared && { novelty_reward: choirOf(novelty) }),
      citation_reward: choirOf(`${paid}`),
    }
  } catch (error) {
    if (is(error, 'NotFoundError')) return {}
    throw error
  }
}
