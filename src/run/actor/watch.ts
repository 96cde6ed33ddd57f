import { goalRef, runRef } from '../../house/actors.ts'
import type { Effects, Send, Turn } from '../../kernel/types.ts'
import type { ChildAwaitSignal, ChildGoalWait, WatchedProgress } from '../messages.ts'
import { isFinished, type RunHead, readStart } from '../run.ts'

/** Begins to tell the caller of each step that ends or waits. A run that has ended has replied already. */
export async function watchRun(state: RunHead, effects: Effects): Promise<Turn<RunHead>> {
  if (state.status === 'new') return { stop: true }
  if (isFinished(state)) return {}
  const watched = { ...state, watched: true } as const
  return { state: watched, send: await tellWatcher(watched, effects) }
}

/** The note to the caller of a run that is watched. */
export async function tellWatcher(
  { watched }: Pick<RunHead, 'watched'>,
  { self, part }: Effects,
): Promise<readonly Send[]> {
  const replyTo = watched && (await readStart({ part })).replyTo
  const body: WatchedProgress = { type: 'run-progress' }
  return replyTo ? [{ to: replyTo, body, type: 'event', correlationId: self.key }] : []
}

/** Reports a wait to the root run, or to the goal or the ask that the run works for: their followers see all waits. */
export async function tellAbove(note: ChildAwaitSignal | ChildGoalWait, { self, part }: Effects): Promise<Send[]> {
  const { above, goal, ancestry, thread, replyTo } = await readStart({ part })
  if (thread !== undefined && replyTo) return [{ to: replyTo, body: note, type: 'event', correlationId: self.key }]
  const goalAbove = goal !== undefined && ancestry?.isAsked ? goalRef(goal) : undefined
  const to = above ? runRef(above.root) : goalAbove
  return to ? [{ to, body: note, type: 'event', correlationId: to.key }] : []
}
