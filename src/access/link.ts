import { z } from 'zod'
import { maybe, type Plain, time } from '../document.ts'
import { type Problem, refusal, terminalProblem } from '../errors.ts'
import { runRef } from '../house/actors.ts'
import { type By, MAX_NAME_CHARACTERS } from '../house/by.ts'
import { ownerName } from '../house/scope.ts'
import type { Json } from '../kernel/schema.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, ActorIndex, ActorRef, Effects, Turn } from '../kernel/types.ts'
import { sameHash } from './token.ts'

/** Kinds of links: `approval` shows a form, `webhook` accepts any JSON. */
export const LINK_KINDS = ['approval', 'webhook'] as const

/** The fields of a link that a caller may see. Times in ms since the epoch. */
export const linkFields = {
  run: z.string(),
  signal: z.string(),
  kind: z.enum(LINK_KINDS),
  owner: z.string(),
  createdAt: time,
  expiresAt: time,
  usedAt: maybe(time),
  step: maybe(z.string()).meta({ description: 'the step whose question the link answers; absent: any of that signal' }),
  since: maybe(time).meta({ description: 'when that question was asked; the link ends with it' }),
}

/** A link that sends one signal to one run, once. */
export type LinkState = Plain<z.ZodObject<typeof linkFields>> & {
  /** SHA-256 of the secret */
  readonly hash: string
  /** the caller that uses the link and waits for a reply; null: it does not wait */
  readonly user?: ActorRef | null
}

/** Messages to a link. `ttl` in ms. The last one is the reply of the run or of one of its steps. */
const message = z.union([
  z.object({
    type: z.literal('create'),
    run: z.string(),
    signal: z.string(),
    kind: z.enum(LINK_KINDS),
    owner: ownerName,
    hash: z.string().length(64),
    ttl: z.number().positive(),
    step: z.string().exactOptional(),
    since: z.number().exactOptional(),
  }),
  z.object({
    type: z.literal('use'),
    hash: z.string(),
    value: z.json() as z.ZodType<Json>,
    typed: z.string().min(1).max(MAX_NAME_CHARACTERS).exactOptional(),
  }),
  z.object({ type: z.literal('expire') }),
  z.object({ type: z.never().exactOptional(), status: z.string() }),
])
type LinkMessage = z.infer<typeof message>

/** `link/<id>`: open until it is used, expires, or its run ends. If the run rejects the value, the link stays open. */
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
            ? use(state, asked, effects)
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

function create({ type: _, ttl, ...link }: LinkMessage & { readonly type: 'create' }, now: number): Turn<LinkState> {
  const state: LinkState = { ...link, createdAt: now, expiresAt: now + ttl }
  return {
    ...unchanged(state),
    timers: { expire: { delay: ttl, body: { type: 'expire' } } },
    // the link of one question stays after its run, so that its page can say that the question has ended
    ...(link.since === undefined && { watch: [runRef(link.run)] }),
    reply: { expiresAt: state.expiresAt },
  }
}

/** Consumes the link and sends the signal in the same turn, so that the signal is sent exactly once. */
function use(
  state: LinkState,
  { value, typed }: LinkMessage & { readonly type: 'use' },
  { self, message: { replyTo } }: Effects,
): Turn<LinkState> {
  if (state.usedAt !== undefined || state.user !== undefined) return { refuse: LINK_USED }
  const { key: id } = self
  const by: By = { type: 'link', name: id, id, ...(typed !== undefined && { typed }), through: 'link' }
  const body = { type: 'signal', name: state.signal, value, by }
  return { ...unchanged({ ...state, user: replyTo ?? null }), send: [{ to: runRef(state.run), body, replyTo: self }] }
}

function answered(state: LinkState | null, status: string, usedAt: number): Turn<LinkState> {
  if (!state || state.user === undefined) return {}
  const { user, ...link } = state
  const send = user ? [{ to: user, type: 'response' as const, body: { status } }] : []
  return { ...unchanged({ ...link, usedAt }), send }
}

function reopen({ user, ...link }: LinkState, problem: Problem): Turn<LinkState> {
  if (user === undefined) return {}
  return { ...unchanged(link), send: user ? [{ to: user, type: 'error', body: problem }] : [] }
}

/** The index holds everything except the hash and the waiting caller. */
function unchanged(state: LinkState): Turn<LinkState> {
  const { hash: _, user: __, ...index } = state
  return { state, index: index satisfies ActorIndex }
}

const LINK_NOT_FOUND = terminalProblem({
  code: 'not_found',
  name: 'NotFoundError',
  message: 'The link does not exist.',
})
const LINK_USED = terminalProblem({ code: 'link_used', message: 'The link was already used.' })
const LINK_EXISTS: Problem = refusal({ code: 'id_taken', message: 'The link already exists.' })
