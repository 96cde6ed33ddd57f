import type { Effects, Send, Turn } from '../../kernel/types.ts'
import type { WatchedProgress } from '../../run/messages.ts'
import { isFinished } from '../../run/run.ts'
import { readStart } from '../../run/start.ts'
import type { RunState } from '../plan/run-state.ts'

/** Begins to tell the caller of each step that ends or waits. A run that has ended has replied already. */
export async function watchRun(state: RunState, effects: Effects): Promise<Turn<RunState>> {
  if (state.status === 'new') return { stop: true }
  if (isFinished(state)) return {}
  const watched: RunState = { ...state, watched: true }
  return { state: watched, send: await tellWatcher(watched, effects) }
}

/** The note to the caller of a run that is watched. */
export async function tellWatcher({ watched }: RunState, { self, part }: Effects): Promise<readonly Send[]> {
  const replyTo = watched && (await readStart({ part })).replyTo
  const body: WatchedProgress = { type: 'run-progress' }
  return replyTo ? [{ to: replyTo, body, type: 'event', correlationId: self.key }] : []
}
