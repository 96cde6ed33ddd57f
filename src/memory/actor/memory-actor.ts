import { z } from 'zod'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, ActorRef, EffectCall } from '../../kernel/types.ts'
import { ownerField } from '../../lib/owner.ts'
import { type Duty, runDuty } from './duty.ts'
import { afterRun, type DutyStates, dueDuties, knownStates, nextDue, wakeDuties } from './schedule.ts'

/** The cell of a memory: no text, no id of a record. */
export type MemoryState = { readonly duties: DutyStates }

/** `wake`: a write happened at `at` (ms since the epoch). `due`: the timer. */
type MemoryMessage = z.infer<typeof message>

const message = z.union([z.object({ type: z.literal('wake'), at: z.number() }), z.object({ type: z.literal('due') })])

export const memoryRef = (owner: string): ActorRef => ({ kind: 'memory', key: owner })

/** The correlation id of all work of memories, so a process resumes it without resuming anything else. */
export const MEMORY_WORK = 'memory'

/**
 * `memory/OWNER`: does by itself what no caller of a memory waits for: expiry, erasures, tiers. The first write creates
 * it, and a timer wakes it when the next duty is due. `dutiesNow`: the duties in the order in which they run.
 */
export function memoryActor(dutiesNow: () => readonly Duty[]): Actor<MemoryState, MemoryMessage> {
  return defineActor<MemoryState, MemoryMessage>({
    kind: 'memory',
    message,
    initial: () => ({ duties: {} }),
    async receive(state, asked, effects) {
      const now = await effects.now()
      const { key: owner } = effects.self
      const all = dutiesNow()
      const states = asked.type === 'wake' ? wakeDuties(all, state.duties, now) : knownStates(all, state.duties)
      for (const duty of dueDuties(all, states, now)) {
        const { name } = duty
        const run = ({ signal }: EffectCall) => runDuty(duty, owner, signal)
        states[name] = afterRun(states[name]!, await effects.run(name, run, { effect: 'idempotent' }), now)
      }
      const due = nextDue(states)
      return {
        state: { duties: states },
        timers: { due: due === undefined ? null : { delay: Math.max(0, due - now), body: { type: 'due' } } },
        ...(asked.type === 'wake' && { index: { woken: asked.at, ...ownerField(owner) } }),
      }
    },
  })
}
