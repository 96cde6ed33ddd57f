import { z } from 'zod'
import { defineActor } from '../kernel/turn.ts'
import type { Actor } from '../kernel/types.ts'

/** What may be said to a request: what is asked for under its key, as a short text; that this was refused; and that it is to be forgotten. */
export type RequestMessage =
  | { readonly type: 'claim' | 'release'; readonly asked: string }
  | { readonly type: 'expire' }

const message: z.ZodType<RequestMessage> = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['claim', 'release']), asked: z.string().max(256) }),
  z.object({ type: z.literal('expire') }),
])

/** ms that a request is remembered */
const REQUEST_RETENTION_MS = 24 * 60 * 60 * 1000

/** `request/<hash of owner, route and Idempotency-Key>`: what was asked for under that key, for a day; what was refused is not remembered. */
export function requestActor(): Actor<string | null, RequestMessage> {
  return defineActor<string | null, RequestMessage>({
    kind: 'request',
    message,
    initial: () => null,
    receive(known, said) {
      if (said.type === 'expire') return { stop: true }
      const { type, asked } = said
      if (type === 'release') return { stop: known === null || known === asked, reply: null }
      if (known === asked) return { reply: 'again' }
      if (known !== null) return { refuse: REUSED }
      return {
        state: asked,
        timers: { expire: { delay: REQUEST_RETENTION_MS, body: { type: 'expire' } } },
        reply: 'new',
      }
    },
  })
}

const REUSED = {
  code: 'key_reused',
  name: 'InvalidError',
  message: 'This Idempotency-Key was used for another request.',
  hint: 'Send a key of its own with each thing that is to be made; the same only to try again.',
  terminal: true,
}
