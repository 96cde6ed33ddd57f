import type { Effects, Turn } from '../../kernel/types.ts'
import { phaseRef } from '../phases/phase-actor.ts'
import type { ChainState } from '../protocol/ask-state.ts'
import { PHASES } from '../protocol/phase-types.ts'

/** A thread on which nothing is asked goes, and its phases with it; says whether it did. */
export function expireThread({ current, queue }: ChainState, { self }: Effects): Turn<ChainState> {
  if (current || queue.length > 0) return { reply: false }
  const send = PHASES.map((phase) => ({ to: phaseRef(self.key, phase), body: { type: 'expire' } }))
  return { send, reply: true, stop: true }
}
