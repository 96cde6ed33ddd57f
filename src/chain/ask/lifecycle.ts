import { problemOf } from '../../errors.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { ownerField, ownerOf } from '../../lib/owner.ts'
import type { ChainState } from '../protocol/ask-state.ts'
import type { OpenMessage } from '../protocol/messages.ts'
import { isOpen, noThread } from './existence.ts'
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
