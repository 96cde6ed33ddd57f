import type { EngineView } from '../../engine/engine.ts'
import { type Inspected, statusOf } from '../../engine/inspect.ts'
import { awaitedSince } from './awaited-since.ts'
import { isWaiting } from './quiescence.ts'

/**
 * The status of an actor. A run that can continue only after an outside
 * event is `waiting`, and so is a goal whose run waits for a person.
 */
export async function shownStatus(view: EngineView, actor: Inspected): Promise<string> {
  const status = statusOf(actor)
  const { kind, key } = actor.of
  if (status !== 'running' || (kind !== 'run' && kind !== 'agent')) return status
  const waits =
    kind === 'run' ? await isWaiting(view, key) : (await awaitedSince(view, actor.cell?.index ?? {})) !== undefined
  return waits ? 'waiting' : status
}
