import { NotFoundError, problemOf } from '../../errors.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { ownerField, ownerOf } from '../../lib/owner.ts'
import type { ChainState } from '../protocol/ask-state.ts'
import type { OpenMessage } from '../protocol/messages.ts'
import { phaseRef } from '../protocol/phase-ref.ts'
import { PHASES } from '../protocol/phase-types.ts'
import { threadIndex } from './index-fields.ts'

/** Opens a thread before its first ask, so that it has an owner. An open thread does not change. */
export async function openThread(state: ChainState, message: OpenMessage, effects: Effects): Promise<Turn<ChainState>> {
  if (isThreadOpen(state)) {
    if (ownerOf(state) === ownerOf(message)) return { reply: true }
    return { refuse: problemOf(threadNotFound(effects.self.key)) }
  }
  const { owner, name } = message
  const startedAt = effects.message.createdAt
  const next = { ...state, ...ownerField(owner), startedAt, ...(name !== undefined && { name }) }
  return { state: next, reply: true, index: threadIndex(next, 'completed', await effects.now(), null) }
}

/** Deletes a thread without asks, with its phases; replies whether it did. */
export function expireThread({ current, queue }: ChainState, { self }: Effects): Turn<ChainState> {
  if (current || queue.length > 0) return { reply: false }
  const send = PHASES.map((phase) => ({ to: phaseRef(self.key, phase), body: { type: 'expire' } }))
  return { send, reply: true, stop: true }
}

/** Whether a thread has an owner: it has an ask, or it was opened without one. */
export function isThreadOpen({ startedAt }: Pick<ChainState, 'startedAt'>): boolean {
  return startedAt !== undefined
}

/** The error for a thread that does not exist or belongs to someone else. */
export function threadNotFound(name: string): NotFoundError {
  return new NotFoundError(`there is no thread ${name}`, { hint: 'ask on a thread of another name' })
}
