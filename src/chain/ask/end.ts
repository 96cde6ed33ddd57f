import type { Effects, Turn } from '../../kernel/types.ts'
import { ownerOf } from '../../lib/owner.ts'
import { endAsk } from '../../thread/actor/end.ts'
import {
  type AskEnding,
  type AskRecord,
  type AskWork,
  askIdOf,
  type ChainEvent,
  type CurrentAsk,
  type ThreadState,
} from '../../thread/protocol/ask-state.ts'
import { withNotice } from '../domains/guide.ts'
import { domainOf } from '../domains/take.ts'
import { rewardsOf, sharedBy } from '../memory/priors.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import type { MemoryOfOwner } from '../protocol/phase.ts'
import { noteAnswer } from './ask-memory.ts'

type PhasesEnd = {
  readonly current: CurrentAsk
  readonly work: AskWork
  readonly ending: AskEnding
  readonly events: readonly ChainEvent[]
  /** absent: when the answer is noted in the memory */
  readonly now?: number
}

/** Ends the current ask: notes its answer in the memory, and rewards those whose prompts it cites. */
export async function endPhases(
  state: ThreadState,
  { current, ending, events, ...last }: PhasesEnd,
  effects: Effects,
  limits: ChainLimits,
  memories?: MemoryOfOwner,
): Promise<Turn<ThreadState>> {
  const work = await noteAnswer({ work: last.work, ending, id: current.id }, state, effects, memories)
  const now = last.now ?? (await effects.now())
  const ask = askIdOf(effects.self.key, current.id)
  const send = rewardsOf(work, ending, { ask, owner: ownerOf(state) })
  return endAsk(
    state,
    { current, work, ending, events, now, fields: recordFields(work, ending), send },
    limits,
    effects,
  )
}

/** The domain, the notice and the sharing of an ended ask. */
export const recordFields = (work: AskWork, ending: AskEnding): Partial<AskRecord> => ({
  ...domainOf(work),
  ...noticeOf(work, ending),
  ...sharedBy(work, ending),
})

/** The notice of the domain, below the answer. */
function noticeOf({ ofDomain }: AskWork, ending: AskEnding): Partial<AskRecord> {
  const { notice } = ofDomain ?? {}
  if (notice === undefined || ending.status !== 'completed') return {}
  return { answer: withNotice(ending.answer, notice), notice }
}
