import type { EngineView } from '../../engine/engine.ts'
import type { ActorIndex } from '../../kernel/types.ts'
import { isWaiting } from './quiescence.ts'

/** Since when the run of a goal waits for a person; undefined: it does not. */
export async function awaitedSince(view: EngineView, { status, waits }: ActorIndex): Promise<number | undefined> {
  const [, run] = /^run\/(.*)$/s.exec(String(waits)) ?? []
  if (status !== 'running' || run === undefined || !(await isWaiting(view, run))) return undefined
  const [step] = await view.list('step', { where: { inbox: 1, run }, sort: 'since', limit: 1 })
  return step && Number(step.index.since)
}
