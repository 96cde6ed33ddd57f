import type { Engine } from '../../engine/engine.ts'
import { threadRef } from '../../house/actors.ts'
import { goalKey } from '../protocol/ask-state.ts'
import type { ThreadsPort } from './port.ts'

/** Names and removes threads. `forget` removes goals and runs that have ended, with all that belongs to them. */
export function threadChanges(
  engine: Engine,
  forget: (work: { readonly goals: readonly string[]; readonly runsOf: string }) => Promise<void>,
): Pick<ThreadsPort, 'name' | 'remove'> {
  return {
    async name(thread, name) {
      await engine.ask(threadRef(thread), { type: 'name', name })
    },
    async remove(thread) {
      const asks = (await engine.ask(threadRef(thread), { type: 'remove' })) as number
      // retention removes those that a crash leaves here
      const goals = Array.from({ length: asks }, (_, place) => goalKey(thread, place + 1))
      await forget({ goals, runsOf: thread })
    },
  }
}
