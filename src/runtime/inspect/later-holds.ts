import type { Inspected } from '../../engine/inspect.ts'
import { KIND } from '../../house/actors.ts'
import { RUN_QUEUE } from '../../run/later/messages.ts'
import { placeInQueue } from '../../run/later/queue-place.ts'
import { readWait } from '../../work/wait.ts'
import type { Hold } from '../ports/inspector.ts'

/** A run or a goal that waits for its time, or for a slot of its key: its place, and those before it. */
export async function laterHolds(
  { of, cell }: Inspected,
  lent: Parameters<typeof placeInQueue>[0],
): Promise<readonly Hold[]> {
  const { later, until } = cell?.index ?? {}
  if (later === undefined || (of.kind !== KIND.run && of.kind !== KIND.goal)) return []
  if (later === 'timed') return [{ type: 'start', until: Number(until) }]
  const wait = readWait(cell?.index)
  if (wait?.type !== 'actor' || wait.actor.kind !== RUN_QUEUE) return []
  const place = await placeInQueue(lent, wait.actor, of)
  return place ? [{ type: 'queue', ...place, behind: [...place.behind] }] : []
}
