import type { ActorIndex } from '../../../kernel/types.ts'
import { ownerOf } from '../../../lib/owner.ts'
import { CODE_WAIT } from '../../../work/wait.ts'
import type { RunSummary } from '../documents.ts'

/** Whether lists show a run. The runs of goals and of questions are shown with these. */
export const isListed = ({ aside }: ActorIndex) => aside === undefined

export function summaryOf(id: string, index: ActorIndex): RunSummary {
  const { name, startedAt, finishedAt, root, degraded, later, until, waits } = index
  // it has not begun, or its workflow sleeps or waits for code
  const isHeld = later !== undefined || until !== undefined || waits !== undefined
  const status = isHeld ? 'waiting' : String(index.status)
  return {
    id,
    owner: ownerOf(index),
    name: String(name),
    status,
    startedAt: Number(startedAt),
    ...(later === 'timed' && { startsAt: Number(until) }),
    ...(waits === CODE_WAIT && { waitsFor: 'code' as const }),
    ...(finishedAt !== undefined && { finishedAt: Number(finishedAt) }),
    ...(degraded !== undefined && { degraded: true as const }),
    ...(root !== undefined && { root: String(root) }),
  }
}
