/**
 * The commons: prompts that their askers share, as records of the owner `public`, called priors, and the rewards for
 * them. It alone knows whose prior it is. Use it when an ask has ended (`endedAsk`).
 */

import { createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { NotFoundError, problemOf, TerminalError } from '../errors.ts'
import type { Json } from '../kernel/json.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, ActorRef, Effects, Send, Turn } from '../kernel/types.ts'
import { rewardFor } from '../ledger/account.ts'
import { LEDGER_WORK } from '../ledger/actor.ts'
import { readAmount } from '../ledger/amount.ts'
import type { OwnerMemory } from '../memory/memory.ts'
import { agreementOf, agreementPart, sharingOff } from './agreement.ts'
import { CITATION_REWARD, MAX_PAID_CITATIONS, noveltyReward } from './novelty.ts'
import { compareLater, longPrompt, type Shared, sharePrompt } from './share.ts'

/** The one commons of a data folder: it compares and copies one prompt after the other. */
export const COMMONS: ActorRef = { kind: 'commons', key: 'main' }

/** A key, so that nobody can compute the id of a prior from that of its ask. */
type CommonsState = {
  readonly key: string
  /** asks whose prompts are compared later, because priors lack their vectors; absent: none */
  readonly open?: readonly string[]
} | null

/** The rewards of an ask: for its prompt, and for the authors of what it cites. Amounts in base units. */
export type AskRewards = {
  readonly owner: string
  /** absent: the ask shared nothing */
  readonly shared?: Shared
  /** it shared its prompt because its owner has agreed once */
  readonly agreed?: true
  /** the priors that it found; absent: it searched none */
  readonly retrieved?: readonly string[]
  /** the id of the copy of its prompt */
  readonly prior?: string
  readonly novelty: string
  /** the priors that its answer cites, in order, and what their authors get */
  readonly citations: readonly {
    readonly record: string
    readonly status: 'paid' | 'self_citation' | 'unknown_record' | 'over_limit'
    readonly amount: string
  }[]
}

const askPart = (ask: string): string => `ask/${ask}`
const priorPart = (id: string) => `prior/${id}`
/** The beginning of the names of parts that name the asks of an owner. */
export const ownedPrefix = (owner: string): string => `of/${owner}/`

type PriorPart = { readonly owner: string; readonly ask: string }

const id = z.string().min(1).max(2000)
const message = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ended'),
    ask: id,
    owner: id,
    share: z
      .object({
        prompt: z.string(),
        begunAt: z.number(),
        agreed: z.literal(true).exactOptional(),
        long: longPrompt.exactOptional(),
      })
      .exactOptional(),
    cites: z.array(id),
    retrieved: z.array(id).exactOptional(),
  }),
  z.object({ type: z.literal('compare') }),
  z.object({ type: z.literal('agree'), owner: id, agreed: z.boolean() }),
  z.object({ type: z.literal('cite'), record: id, ask: id, amount: z.unknown() }),
  z.object({ type: z.literal('rewards'), ask: id }),
  z.object({ type: z.literal('forget'), record: id, owner: id.exactOptional() }),
  z.object({ type: z.literal('forget-asks'), owner: id, asks: z.array(id) }),
])
type CommonsMessage = z.infer<typeof message>
type Of<Type extends CommonsMessage['type']> = Extract<CommonsMessage, { readonly type: Type }>

/**
 * The message of an ask that was answered: the prompt to share, the priors that its answer cites, in order, and those
 * that it found. `agreed`: the prompt is shared only if its owner has agreed and still does.
 */
export function endedAsk(ask: Omit<Of<'ended'>, 'type'>): Send {
  return { to: COMMONS, body: { type: 'ended', ...ask }, correlationId: LEDGER_WORK }
}

type PublicMemory = Pick<OwnerMemory, 'search' | 'list' | 'add' | 'forget' | 'get'>

/** ms until prompts are compared again, and how many are at a time. */
const COMPARE_AGAIN_MS = 60_000
const COMPARED_AT_ONCE = 20
const COMPARE_TIMER = { compare: { delay: COMPARE_AGAIN_MS, body: { type: 'compare' } } } as const

/** `commons/main`. `memory`: that of the owner `public`. `shares`: whether prompts may be copied. */
export function commonsActor(memory: () => PublicMemory, shares = true): Actor<CommonsState, CommonsMessage> {
  return defineActor<CommonsState, CommonsMessage>({
    kind: COMMONS.kind,
    message,
    initial: () => null,
    async receive(state, asked, effects) {
      try {
        switch (asked.type) {
          case 'ended':
            return await settle(state, asked, effects, { memory, shares })
          case 'compare':
            return await compareOpen(state, effects, memory)
          case 'agree':
            return await agree(state, asked, effects)
          case 'cite':
            return await cite(asked, effects)
          case 'rewards':
            return { reply: (await effects.part(askPart(asked.ask))) ?? null }
          case 'forget':
            return await forgetPrior(asked, effects, memory)
          case 'forget-asks':
            return await forgetAsks(asked, effects, memory)
        }
      } catch (error) {
        // a refusal is an answer: a dead letter would be sent again
        if (error instanceof TerminalError) return { refuse: problemOf(error) }
        throw error
      }
    },
  })
}

/** Shares the prompt and sends all rewards of an ask. A repeated message changes nothing. */
async function settle(
  state: CommonsState,
  { ask, owner, share: asked, cites, retrieved }: Of<'ended'>,
  effects: Effects,
  { memory, shares }: { readonly memory: () => PublicMemory; readonly shares: boolean },
): Promise<Turn<CommonsState>> {
  if (await effects.part(askPart(ask))) return {}
  const share = asked?.agreed && !(await agreementOf(owner, effects)) ? undefined : asked
  const key = state?.key ?? (await effects.run('key', newKey))
  const own = `prior_${createHmac('sha256', key).update(ask).digest('base64url').slice(0, 22)}`
  const shared =
    share &&
    (await effects.run(
      'share',
      // the ask may have begun before sharing was turned off
      async () => (shares ? sharePrompt(memory(), { id: own, ...share }) : NOT_SHARED),
      IDEMPOTENT,
    ))
  const isCopied = shared?.status === 'copied' || shared?.status === 'not_comparable'
  const novelty = shared && 'maxSimilarity' in shared ? noveltyReward(shared.maxSimilarity) : 0n
  const authors = await Promise.all(cites.map((record) => authorOf(record, effects)))
  let paid = 0
  const citations = cites.map((record, at): AskRewards['citations'][number] => {
    const author = authors[at]
    const unpaid = author === undefined ? 'unknown_record' : author === owner ? 'self_citation' : undefined
    const status = unpaid ?? (++paid > MAX_PAID_CITATIONS ? 'over_limit' : 'paid')
    return { record, status, amount: status === 'paid' ? `${CITATION_REWARD}` : '0' }
  })
  const rewards: AskRewards = {
    owner,
    ...(shared && { shared }),
    ...(share?.agreed && { agreed: true }),
    ...(retrieved && { retrieved }),
    ...(isCopied && { prior: own }),
    novelty: `${novelty}`,
    citations,
  }
  const isOpen = shared?.status === 'not_comparable' && shared.isOpen
  return {
    ...(isOpen && { state: { key, open: [...(state?.open ?? []), ask] }, timers: COMPARE_TIMER }),
    ...(!state && !isOpen && { state: { key } }),
    parts: {
      [askPart(ask)]: rewards as Json,
      [ownedPrefix(owner) + ask]: true,
      ...(isCopied && { [priorPart(own)]: { owner, ask } satisfies PriorPart }),
    },
    send: [
      ...(novelty > 0n ? [rewardFor(owner, { type: 'novelty', ask, amount: `${novelty}` })] : []),
      ...citations.flatMap(({ record, status, amount }, at) =>
        status === 'paid' ? [rewardFor(authors[at]!, { type: 'citation', ask, record, amount })] : [],
      ),
    ],
  }
}

/** Compares prompts for which vectors were missing, and pays what they get. One that still lacks them waits. */
async function compareOpen(
  state: CommonsState,
  effects: Effects,
  memory: () => PublicMemory,
): Promise<Turn<CommonsState>> {
  if (!state) return {}
  const { key, open = [] } = state
  const left = open.slice(COMPARED_AT_ONCE)
  const parts: { [name: string]: Json } = {}
  const send: Send[] = []
  for (const ask of open.slice(0, COMPARED_AT_ONCE)) {
    const rewards = (await effects.part(askPart(ask))) as AskRewards | undefined
    if (rewards?.prior === undefined) continue
    const { prior, owner } = rewards
    const look = async () => (await compareLater(memory(), prior)) ?? null
    const shared = await effects.run(`compare/${ask}`, look, IDEMPOTENT)
    if (shared?.status === 'not_comparable' && shared.isOpen) left.push(ask)
    else {
      const novelty = shared && 'maxSimilarity' in shared ? noveltyReward(shared.maxSimilarity) : 0n
      parts[askPart(ask)] = { ...rewards, ...(shared && { shared }), novelty: `${novelty}` } as Json
      if (novelty > 0n) send.push(rewardFor(owner, { type: 'novelty', ask, amount: `${novelty}` }))
    }
  }
  const isDone = left.length === 0
  return { state: { key, ...(!isDone && { open: left }) }, parts, send, timers: isDone ? {} : COMPARE_TIMER }
}

const newKey = () => randomBytes(24).toString('base64url')
const IDEMPOTENT = { effect: 'idempotent' } as const
const NOT_SHARED: Shared = { status: 'failed', reason: sharingOff().message }

/** Notes that an owner agrees to share its prompts, or no longer does. */
async function agree(
  state: CommonsState,
  { owner, agreed }: Of<'agree'>,
  effects: Effects,
): Promise<Turn<CommonsState>> {
  const known = await agreementOf(owner, effects)
  if (agreed === (known !== undefined)) return { reply: known ?? null }
  const agreement = agreed ? { at: effects.message.createdAt } : null
  return {
    state: state ?? { key: await effects.run('key', newKey) },
    parts: { [agreementPart(owner)]: agreement },
    reply: agreement,
  }
}

const authorOf = async (record: string, effects: Effects) =>
  ((await effects.part(priorPart(record))) as PriorPart | undefined)?.owner

/** Pays a citation that a program reports, of a prior that the ask has found. The ledger replies with the receipt. */
async function cite({ record, ask, amount }: Of<'cite'>, effects: Effects): Promise<Turn<CommonsState>> {
  const units = `${readAmount(amount)}`
  const author = await authorOf(record, effects)
  if (author === undefined) throw noPrior(record)
  const rewards = (await effects.part(askPart(ask))) as AskRewards | undefined
  const { owner, retrieved = rewards?.citations.map((cited) => cited.record) ?? [] } = rewards ?? {}
  if (!retrieved.includes(record))
    throw new TerminalError(`${ask} has not found ${record}, so it cannot cite it. Nothing is paid.`, {
      code: 'not_retrieved',
      hint: `An ask finds priors with --priors; antiphon ledger rewards ${ask} --json lists them.`,
    })
  if (author === owner)
    throw new TerminalError(`${record} is a prior of the one who asked ${ask}, so nothing is paid.`, {
      code: 'self_citation',
    })
  const reward = { type: 'citation', ask, record, amount: units } as const
  const { replyTo } = effects.message
  return { send: [rewardFor(author, reward, replyTo ?? undefined)] }
}

/** Removes a prior. With `owner`, only its own. */
async function forgetPrior(
  { record, owner }: Of<'forget'>,
  effects: Effects,
  memory: () => PublicMemory,
): Promise<Turn<CommonsState>> {
  const author = await authorOf(record, effects)
  if (author === undefined || (owner !== undefined && owner !== author)) throw noPrior(record)
  await effects.run('forget', async () => void (await memory().forget({ id: record })), IDEMPOTENT)
  return { parts: { [priorPart(record)]: null }, reply: null }
}

/** Removes everything about asks of an owner. The entries of the ledger stay. */
async function forgetAsks(
  { owner, asks }: Of<'forget-asks'>,
  effects: Effects,
  memory: () => PublicMemory,
): Promise<Turn<CommonsState>> {
  const known = await Promise.all(asks.map(async (ask) => (await effects.part(askPart(ask))) as AskRewards | undefined))
  const priors = known.flatMap((rewards) => rewards?.prior ?? [])
  const forget = async () => {
    for (const id of priors) await memory().forget({ id })
  }
  await effects.run('forget', forget, IDEMPOTENT)
  const names = [...asks.flatMap((ask) => [askPart(ask), ownedPrefix(owner) + ask]), ...priors.map(priorPart)]
  return { parts: Object.fromEntries(names.map((name) => [name, null])), reply: null }
}

/** The error for an id without a prior, or with that of another owner. */
export const noPrior = (id: string) =>
  new NotFoundError(`There is no prior ${id}.`, { hint: 'antiphon ledger rewards ASK names the prior of an ask.' })
