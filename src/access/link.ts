import { z } from 'zod'
import type { Problem } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, ActorIndex, ActorRef, Effects, Turn } from '../kernel/types.ts'
import { ownerName } from './api-key.ts'
import { sameHash } from './token.ts'

/** What a link is for: `approval` shows a person a form, `webhook` takes any JSON. */
export const LINK_KINDS = ['approval', 'webhook'] as const

/** One signal to one run, to be sent once by whoever has the link; times in ms since the epoch. */
export type LinkState = {
  readonly run: string
  readonly signal: string
  readonly kind: (typeof LINK_KINDS)[number]
  readonly owner: string
  /** SHA-256 of the secret */
  readonly hash: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly usedAt?: number
  /** who uses it, and has not been answered yet; null: nobody who waits */
  readonly user?: ActorRef | null
}

/** What may be asked of a link; `ttl` in ms. */
export type LinkMessage =
  | ({ readonly type: 'create'; readonly ttl: number } & Pick<LinkState, 'run' | 'signal' | 'kind' | 'owner' | 'hash'>)
  | { readonly type: 'use'; readonly hash: string; readonly value: Json }
  | { readonly type: 'expire' }
  /** what the run answers, or one of its steps */
  | { readonly type?: never; readonly status: string }

const message = z.union([
  z.object({
    type: z.literal('create'),
    run: z.string(),
    signal: z.string(),
    kind: z.enum(LINK_KINDS),
    owner: ownerName,
    hash: z.string().length(64),
    ttl: z.number().positive(),
  }),
  z.object({ type: z.literal('use'), hash: z.string(), value: z.json() as z.ZodType<Json> }),
  z.object({ type: z.literal('expire') }),
  z.object({ status: z.string() }),
]) as unknown as z.ZodType<LinkMessage>

/** `link/<id>`: open until it is used, its time is over, or its run is gone. What the run refuses leaves it open. */
export function linkActor(): Actor<LinkState | null, LinkMessage> {
  return defineActor<LinkState | null, LinkMessage>({
    kind: 'link',
    message,
    initial: () => null,
    async receive(state, asked, effects) {
      switch (asked.type) {
        case 'create':
          return state ? { refuse: LINK_EXISTS } : create(asked, await effects.now())
        case 'use':
          return state && sameHash(asked.hash, state.hash)
            ? use(state, asked.value, effects)
            : { refuse: LINK_NOT_FOUND, ...(!state && { stop: true }) }
        case 'expire':
          return { stop: true }
        default:
          return answered(state, asked.status, await effects.now())
      }
    },
    notice(state, notice) {
      if (notice.type === 'down') return { stop: true }
      return notice.type === 'error' && state ? reopen(state, notice.problem) : {}
    },
  })
}

const runRef = (key: string): ActorRef => ({ kind: 'run', key })

function create({ type: _, ttl, ...link }: LinkMessage & { readonly type: 'create' }, now: number): Turn<LinkState> {
  const state: LinkState = { ...link, createdAt: now, expiresAt: now + ttl }
  return {
    ...kept(state),
    timers: { expire: { delay: ttl, body: { type: 'expire' } } },
    watch: [runRef(link.run)],
    reply: { expiresAt: state.expiresAt },
  }
}

/** The run is told in the same turn in which the link is taken: once, whatever breaks. */
function use(state: LinkState, value: Json, { self, message: { replyTo } }: Effects): Turn<LinkState> {
  if (state.usedAt !== undefined || state.user !== undefined) return { refuse: LINK_USED }
  const body = { type: 'signal', name: state.signal, value }
  return { ...kept({ ...state, user: replyTo ?? null }), send: [{ to: runRef(state.run), body, replyTo: self }] }
}

function answered(state: LinkState | null, status: string, usedAt: number): Turn<LinkState> {
  if (!state || state.user === undefined) return {}
  const { user, ...link } = state
  const send = user ? [{ to: user, type: 'response' as const, body: { status } }] : []
  return { ...kept({ ...link, usedAt }), send }
}

function reopen({ user, ...link }: LinkState, problem: Problem): Turn<LinkState> {
  if (user === undefined) return {}
  return { ...kept(link), send: user ? [{ to: user, type: 'error', body: problem }] : [] }
}

/** All but the hash and who waits is what a list shows. */
function kept(state: LinkState): Turn<LinkState> {
  const { hash: _, user: __, ...index } = state
  return { state, index: index satisfies ActorIndex }
}

const LINK_NOT_FOUND: Problem = {
  code: 'not_found',
  name: 'NotFoundError',
  message: 'There is no such link.',
  terminal: true,
}
const LINK_USED: Problem = {
  code: 'link_used',
  name: 'TerminalError',
  message: 'This link was used already.',
  terminal: true,
}
const LINK_EXISTS: Problem = {
  code: 'id_taken',
  name: 'InvalidError',
  message: 'There is such a link already.',
  terminal: true,
}
