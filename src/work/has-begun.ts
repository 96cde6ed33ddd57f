import type { EngineView } from '../engine/engine.ts'
import { inspectOne } from '../engine/liveness.ts'
import type { ActorRef } from '../kernel/types.ts'

/** ms to wait for a message to create its actor. */
const BEGIN_TIMEOUT_MS = 5_000

/** Whether an actor exists. If its first message is on its way, from whatever node, this waits for its first event. */
export async function hasBegun(view: EngineView, of: ActorRef): Promise<boolean> {
  const isThere = async () => (await view.peek(of)) !== undefined
  if (await isThere()) return true
  if (await isOnItsWay(view, of))
    for await (const _ of view.events(of, { signal: AbortSignal.timeout(BEGIN_TIMEOUT_MS) })) return true
  // it may have begun between the two checks
  return isThere()
}

/** Work of an earlier process is loaded only on demand, and a timer when it is due. */
async function isOnItsWay(view: EngineView, of: ActorRef): Promise<boolean> {
  const { turn, mail = [] } = (await inspectOne(view, of)) ?? {}
  return turn !== undefined || mail.some(({ due, held }) => due === undefined && !held)
}
