import type { View } from '../../engine/engine.ts'
import { inspectOne } from '../../engine/liveness.ts'
import type { ActorRef } from '../../kernel/types.ts'

/** ms that a message may take to begin an actor. */
const PATIENCE = 5_000

/** Whether an actor has begun: one whose first message is on its way, whichever node sent it, is waited for until its first event. */
export async function hasBegun(view: View, of: ActorRef): Promise<boolean> {
  const isThere = async () => (await view.peek(of)) !== undefined
  if (await isThere()) return true
  if (await isOnItsWay(view, of))
    for await (const _ of view.events(of, { signal: AbortSignal.timeout(PATIENCE) })) return true
  // it may have begun between two looks
  return isThere()
}

/** What an earlier process left comes only when somebody asks for it, and a timer when it is due. */
async function isOnItsWay(view: View, of: ActorRef): Promise<boolean> {
  const { turn, mail = [] } = (await inspectOne(view, of)) ?? {}
  return turn !== undefined || mail.some(({ due, held }) => due === undefined && !held)
}
