import { NotFoundError, problemOf } from '../../errors.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { ownerField, ownerOf } from '../../lib/owner.ts'
import { phaseRef } from '../phases/phase-actor.ts'
import type { ChainState } from '../protocol/ask-state.ts'
import type { OpenMessage } from '../protocol/messages.ts'
import { PHASES } from '../protocol/phase-types.ts'
import { indexOf } from './index-fields.ts'

/** Begins a thread before anything is asked on it: from then on it is its owner's. One that is there stays as it is. */
export async function openThread(state: ChainState, message: OpenMessage, effects: Effects): Promise<Turn<ChainState>> {
  if (isOpen(state)) {
    if (ownerOf(state) === ownerOf(message)) return { reply: true }
    return { refuse: problemOf(noThread(effects.self.key)) }
  }
  const { owner, name } = message
  const startedAt = effects.message.createdAt
  const next = { ...state, ...ownerField(owner), startedAt, ...(name !== undefined && { name }) }
  return { state: next, reply: true, index: indexOf(next, 'completed', await effects.now(), null) }
}

/** A thread on which nothing is asked goes, and its phases with it; says whether it did. */
export function expireThread({ current, queue }: ChainState, { self }: Effects): Turn<ChainState> {
  if (current || queue.length > 0) return { reply: false }
  const send = PHASES.map((phase) => ({ to: phaseRef(self.key, phase), body: { type: 'expire' } }))
  return { send, reply: true, stop: true }
}

/** Whether a thread is somebody's: it was asked on, or begun without a question. */
export function isOpen({ asks, startedAt }: Pick<ChainState, 'asks' | 'startedAt'>): boolean {
  return asks > 0 || startedAt !== undefined
}

/** What is another's is not there. */
export function noThread(name: string): NotFoundError {
  return new NotFoundError(`there is no thread ${name}`, { hint: 'ask on a thread of another name' })
}
