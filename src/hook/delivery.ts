import { hash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, ActorRef } from '../kernel/types.ts'
import { ownerField } from '../lib/owner.ts'

export const DELIVERY_KIND = 'hook-delivery'

/** The record of a delivery that counts: the run or the goal that it started, or the run that got its signal. */
export type DeliveryState = { readonly id: string; readonly at: number }

const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('note'), id: z.string(), owner: z.string(), keep: z.number() }),
  z.object({ type: z.literal('over') }),
])

export const deliveryRef = (hook: string, id: string): ActorRef => ({
  kind: DELIVERY_KIND,
  key: `${hook}:${hash('sha256', id).slice(0, 40)}`,
})

/** `hook-delivery/HOOK:ID`: remembers for a time that a delivery has counted. */
export function deliveryActor(): Actor<DeliveryState, z.output<typeof message>> {
  return defineActor<DeliveryState, z.output<typeof message>>({
    kind: DELIVERY_KIND,
    message,
    initial: () => ({ id: '', at: 0 }),
    async receive(state, asked, effects) {
      if (asked.type === 'over') return { stop: true }
      if (state.id !== '') return { reply: { id: state.id } }
      const { id, owner, keep } = asked
      return {
        state: { id, at: await effects.now() },
        index: { ...ownerField(owner), name: effects.self.key },
        timers: { over: { delay: keep, body: { type: 'over' } } },
        reply: { id },
      }
    },
  })
}

export const NONCE_KIND = 'hook-nonce'
export const NONCE_REF: ActorRef = { kind: NONCE_KIND, key: 'folder' }

/** `hook-nonce/folder`: a random text that makes the ids of the work of deliveries, so that nobody else takes one. */
export function nonceActor(): Actor<string, { type: 'read' }> {
  return defineActor<string, { type: 'read' }>({
    kind: NONCE_KIND,
    message: z.object({ type: z.literal('read') }),
    initial: () => '',
    async receive(state, _, effects) {
      if (state !== '') return { reply: state }
      const nonce = await effects.run('nonce', () => randomBytes(32).toString('base64url'))
      return { state: nonce, reply: nonce }
    },
  })
}
