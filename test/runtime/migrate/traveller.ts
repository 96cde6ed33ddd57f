import { z } from 'zod'
import { is } from '../../../src/errors.ts'
import { defineActor } from '../../../src/kernel/turn.ts'
import type { ActorRef } from '../../../src/kernel/types.ts'
import { type Gate, gate } from '../../../src/testing/gate.ts'

const message = z.union([
  z.strictObject({ add: z.number() }),
  z.strictObject({ nap: z.number() }),
  z.strictObject({ woke: z.literal(true) }),
  z.strictObject({ hold: z.literal(true) }),
  z.strictObject({ pay: z.literal(true) }),
  z.strictObject({ later: z.literal(true) }),
  z.strictObject({ answer: z.string() }),
  z.strictObject({ fail: z.literal(true) }),
])
type State = { readonly total: number; readonly asker: ActorRef | null }

/** An actor with a bit of everything an engine keeps; `calls` are the effects that ran, and the second one of `hold` waits at the gate of its actor's key. */
export function createTraveller() {
  const calls: string[] = []
  const gates = new Map<string, Gate>()
  const gateOf = (key: string) => {
    const known = gates.get(key) ?? gate()
    gates.set(key, known)
    return known
  }
  const actor = defineActor<State, z.infer<typeof message>>({
    kind: 'traveller',
    message,
    initial: () => ({ total: 0, asker: null }),
    async receive(state, body, effects) {
      if ('add' in body) {
        const total = state.total + body.add
        const parts = { [`sum/${total}`]: { total }, latest: total }
        return {
          state: { ...state, total },
          parts,
          events: [{ total }],
          index: { status: 'idle', total },
          reply: total,
        }
      }
      if ('nap' in body) return { timers: { nap: { delay: body.nap, body: { woke: true } } }, events: ['asleep'] }
      if ('woke' in body) return { events: ['awake'] }
      if ('later' in body) return { state: { ...state, asker: effects.message.replyTo ?? null } }
      if ('answer' in body)
        return { send: [{ to: state.asker!, body: body.answer, type: 'response' }], state: { ...state, asker: null } }
      if ('fail' in body) throw new Error('it fails')
      const { key } = effects.self
      const passGate = (name: string) => (call: { readonly signal: AbortSignal }) => {
        calls.push(`${key} ${name}`)
        return gateOf(key).pass(call.signal)
      }
      if ('pay' in body) {
        try {
          await effects.run('pay', passGate('pay'), { effect: 'at-most-once' })
          return { events: ['paid'] }
        } catch (error) {
          if (!is(error, 'UnknownError')) throw error
          return { events: ['perhaps paid'] }
        }
      }
      await effects.run('first', () => void calls.push(`${key} first`))
      await effects.run('second', passGate('second'))
      return { events: ['held'], reply: 'held' }
    },
  })
  return { actor, calls, gateOf }
}
