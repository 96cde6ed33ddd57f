import type { EngineView } from '../../engine/engine.ts'
import type { ActorIndex } from '../../kernel/types.ts'
import { IN_INBOX } from '../../work/inbox.ts'
import { readWait } from '../../work/wait.ts'
import { isWaiting } from './quiescence.ts'

/** Since when the run of a goal waits for a person, or for its code; undefined: it does not. */
export async function awaitedSince(view: EngineView, index: ActorIndex): Promise<number | undefined> {
  const step = await awaitingStep(view, index)
  return step && Number(step.since)
}

/** The index of the step that has waited longest, if the run of a goal waits for a person or for its code. */
export async function awaitingStep(view: EngineView, index: ActorIndex): Promise<ActorIndex | undefined> {
  const wait = readWait(index)
  if (index.status !== 'running' || wait?.type !== 'actor' || wait.actor.kind !== 'run') return undefined
  const { key: run } = wait.actor
  if (!(await isWaiting(view, run))) return undefined
  const [step] = await view.list('step', { where: { ...IN_INBOX, run }, sort: 'since', limit: 1 })
  return step?.index
}
