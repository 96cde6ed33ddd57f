import { z } from 'zod'
import { refusal } from '../errors.ts'
import { ownerName } from '../house/scope.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor } from '../kernel/types.ts'
import { ownerField } from '../lib/owner.ts'

/** Messages to a request: claim it for a request fingerprint, release it after a rejection, or expire it. */
const message = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['claim', 'release']), asked: z.string().max(256), owner: ownerName.exactOptional() }),
  z.object({ type: z.literal('expire') }),
])
type RequestMessage = z.infer<typeof message>

const REQUEST_RETENTION_MS = 24 * 60 * 60 * 1000

/** `request/<hash of owner, route and Idempotency-Key>`: the fingerprint of an accepted request, for a day. */
export function requestActor(): Actor<string | null, RequestMessage> {
  return defineActor<string | null, RequestMessage>({
    kind: 'request',
    message,
    initial: () => null,
    receive(known, said) {
      if (said.type === 'expire') return { stop: true }
      const { type, asked, owner } = said
      if (type === 'release') return { stop: known === null || known === asked, reply: null }
      if (known === asked) return { reply: 'again' }
      if (known !== null) return { refuse: REUSED }
      return {
        state: asked,
        index: ownerField(owner),
        timers: { expire: { delay: REQUEST_RETENTION_MS, body: { type: 'expire' } } },
        reply: 'new',
      }
    },
  })
}

const REUSED = refusal({
  code: 'key_reused',
  message: 'This Idempotency-Key was used for another request.',
  hint: 'Use a new key for each new request, and the same key only for a retry.',
})
