/**
 * Logins by wallet: the challenges of an address that are open, and the key that its last login made. The turn that
 * ends a challenge makes the key and ends the key before, so a kill leaves no key that the next login does not end.
 */

import { z } from 'zod'
import { refusal } from '../errors.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, ActorRef, Turn } from '../kernel/types.ts'
import type { KeyMessage } from './api-key.ts'
import { type LoginDoor, loginDoor } from './settings.ts'
import { sameHash } from './token.ts'

/** ms that a challenge is open, that the key of a login is valid, and by which the clocks of machines may differ. */
const CHALLENGE_MS = 5 * 60_000
const LOGIN_MS = 24 * 3_600_000
const SKEW_MS = 60_000
/** Open challenges of an address. One more ends the oldest, so that nobody else locks its owner out. */
const MAX_OPEN = 32

type Challenge = { readonly challenge: string; readonly door: LoginDoor; readonly expiresAt: number }

/** The cell of the logins of an address. */
export type LoginState = {
  readonly challenges: readonly Challenge[]
  readonly key?: { readonly id: string; readonly expiresAt: number }
}

const hex = z.string().length(64)
const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('begin'), challenge: hex, door: loginDoor }),
  z.object({ type: z.literal('use'), challenge: hex, isSigned: z.boolean(), id: z.string(), hash: hex }),
  z.object({ type: z.literal('tidy') }),
])
type Message = z.infer<typeof message>

export const LOGIN_KIND = 'login'
/** The logins of an owner, which is the 64 digits of an address. */
export const loginRef = (owner: string): ActorRef => ({ kind: LOGIN_KIND, key: owner })

/** `login/OWNER`: leaves when its challenges and its key are over. */
export function loginActor(): Actor<LoginState, Message> {
  return defineActor<LoginState, Message>({
    kind: LOGIN_KIND,
    message,
    initial: () => ({ challenges: [] }),
    async receive(state, asked, { self, message: { replyTo }, now }) {
      const at = await now()
      const open = state.challenges.filter((one) => isOpen(one, at))
      if (asked.type === 'tidy') return keeping({ ...state, challenges: open }, at)
      if (asked.type === 'begin') {
        const begun = { challenge: asked.challenge, door: asked.door, expiresAt: at + CHALLENGE_MS }
        return { ...keeping({ ...state, challenges: [...open, begun].slice(-MAX_OPEN) }, at), reply: begun }
      }
      const used = open.find(isChallenge(asked.challenge))
      const rest = { ...state, challenges: open.filter((one) => one !== used) }
      if (!used || !asked.isSigned) return { ...keeping(rest, at), refuse: LOGIN_REFUSED }
      const { id, hash } = asked
      const made = {
        to: keyRef(id),
        body: { ...KEY, owner: self.key, hash } satisfies KeyMessage,
        ...(replyTo && { replyTo }),
      }
      const turn = keeping({ ...rest, key: { id, expiresAt: at + LOGIN_MS } }, at)
      return { ...turn, send: [made, ...(state.key ? [{ to: keyRef(state.key.id), body: END }] : [])] }
    },
  })
}

/** Finds a challenge by its text, in a time that does not depend on it. */
export const isChallenge = (text: string) => (one: Challenge) => sameHash(one.challenge, text)

/** A clock that was set back opens nothing again. */
const isOpen = ({ expiresAt }: Challenge, now: number) => now < expiresAt && now >= expiresAt - CHALLENGE_MS - SKEW_MS

export const keyRef = (id: string): ActorRef => ({ kind: 'api-key', key: id })
const KEY = {
  type: 'create',
  name: 'login by wallet',
  login: 'wallet',
  scopes: ['talk', 'ask'],
  ttl: LOGIN_MS,
} as const
/** The message that ends the key of a login. */
export const END: KeyMessage = { type: 'end' }

/** A turn that keeps the challenges, and the key until it ends. The last of them to end wakes the actor. */
function keeping({ challenges, key }: LoginState, now: number): Turn<LoginState> {
  const send = key && now >= key.expiresAt ? [{ to: keyRef(key.id), body: END }] : []
  const good = key && send.length === 0 ? { key } : {}
  const ends = [...challenges, ...Object.values(good)].map(({ expiresAt }) => expiresAt)
  if (ends.length === 0) return { stop: true, send }
  const tidy = { delay: Math.max(...ends) - now, body: { type: 'tidy' } }
  return { state: { challenges, ...good }, send, timers: { tidy } }
}

export const LOGIN_REFUSED = refusal({
  code: 'login_refused',
  message: 'This challenge is used or over, or its words were not signed by this wallet.',
  hint: 'Ask for a new challenge, and sign its words exactly as they are. A challenge ends with its first use.',
})

/** The words that a wallet signs for a challenge. */
export function wordsFor({ challenge, door, expiresAt }: Challenge, address: string, publicUrl: string): string {
  if (door === 'choir') return `Sign this message to authenticate with Choir: ${challenge}`
  const first = `Log in to ${publicUrl}\nSign this only if you are on ${publicUrl} and began this login there.\n`
  return `${first}\nAddress: ${address}\nChallenge: ${challenge}\nExpires: ${new Date(expiresAt).toISOString()}`
}
