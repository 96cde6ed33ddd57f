import type { EngineView } from '../../engine/engine.ts'
import { type Inspected, statusOf } from '../../engine/inspect.ts'
import { KIND } from '../../house/actors.ts'
import { linksOf } from '../../inbox/room/waits-for.ts'
import { createRest } from '../../run/room/rest.ts'

/** The status of an actor. A run that only an outside event continues is `waiting`, and so is its goal. */
export async function shownStatus(view: EngineView, actor: Inspected): Promise<string> {
  const status = statusOf(actor)
  const { kind, key } = actor.of
  if (status !== 'running' || (kind !== KIND.run && kind !== KIND.goal)) return status
  const rest = createRest(view, linksOf(view))
  const waits =
    kind === KIND.run ? await rest.isWaiting(key) : (await rest.awaitedSince(actor.cell?.index ?? {})) !== undefined
  return waits ? 'waiting' : status
}
