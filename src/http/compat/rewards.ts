import { z } from 'zod'
import { maybe } from '../../document.ts'
import { TerminalError, unlessMissing } from '../../errors.ts'
import { ownerName } from '../../house/scope.ts'
import type { Json } from '../../kernel/json.ts'
import { choirOf } from '../../ledger/amount.ts'
import type { ScopedRuntime } from '../authorize/scoped-runtime.ts'
import { type Route, route } from '../routing/route.ts'
import { time, timeOf, wrap, wrapped } from './reply.ts'

const notification = z.object({
  id: z.string().meta({ description: 'the number of its entry in the ledger' }),
  type: z.literal('citation'),
  recipient_wallet_address: z.string(),
  vector_id: z.string().meta({ description: 'the prior that was cited' }),
  read: z.boolean(),
  created_at: time,
})

/** Balances and notifications, from the ledger. A wallet is an owner. */
export const rewardRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/balance/balance/{owner}',
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
    scope: 'read',
    summary: 'The newest citations that an owner was paid for. Nothing tells who cited',
    query: z.object({
      wallet_address: maybe(ownerName).meta({
        description: 'default: the owner of the key; another one only for an admin',
      }),
      limit: maybe(z.coerce.number().int().min(1).max(1000)).meta({ description: 'rewards that are looked at' }),
    }),
    answer: { about: 'the newest first', schema: wrapped({ notifications: z.array(notification) }) },
    errors: ['ledger_off'],
    async handle({ runtime, caller, query: { wallet_address: owner = caller.owner, limit = 100 } }) {
      const { items } = await runtime.ledger.history({ owner, limit })
      const citations = items.filter(({ op }) => op.startsWith('citation:'))
      const read = await runtime.ledger.readAmong(
        citations.map(({ n }) => n),
        { owner },
      )
      const notifications = citations.map(({ n, at, op }) => ({
        id: String(n),
        type: 'citation' as const,
        recipient_wallet_address: owner,
        vector_id: op.split(':')[2]!,
        read: read.has(n),
        created_at: timeOf(at),
      }))
      return wrap({ notifications })
    },
  }),
  route({
    method: 'post',
    path: '/api/notifications/{notification}/read',
    scope: 'ask',
    summary: 'Mark a notification of your own as read',
    params: z.object({ notification: z.coerce.number().int().min(1) }),
    answer: { about: 'it is marked', schema: wrapped({ notification_id: z.string() }) },
    errors: ['not_found', 'ledger_off'],
    async handle({ runtime, params: { notification: n } }) {
      await runtime.ledger.markRead(n)
      return wrap({ notification_id: String(n) })
    },
  }),
]

/** The rewards of an answered ask in upstream's fields, in CHOIR; none if it shared nothing and read no priors. */
export async function rewardFields(runtime: ScopedRuntime, ask: string): Promise<{ readonly [field: string]: Json }> {
  const rewards = await runtime.priors.rewards(ask).catch(unlessMissing)
  if (!rewards) return {}
  const { shared, novelty, citations } = rewards
  const paid = citations.reduce((sum, { amount }) => sum + BigInt(amount), 0n)
  return {
    ...(shared?.maxSimilarity !== undefined && { max_similarity: shared.maxSimilarity }),
    ...(shared && { novelty_reward: choirOf(novelty) }),
    citation_reward: choirOf(`${paid}`),
  }
}
