import type { Engine } from '../../../engine/engine.ts'
import { goalRef } from '../../../house/actors.ts'
import { PERSON_WAIT } from '../../../work/wait.ts'
import { peekGoal } from '../../protocol/state.ts'
import { allWaiting } from '../code/resume-for-code.ts'

type Parts = {
  readonly engine: Engine
  /** Takes up what an earlier process left of a goal, and follows the work above it. */
  resumeGoal(goal: string): Promise<void>
}

/** Wakes the goals that could not ask their model with the settings of an earlier process. */
export async function resumeForSettings({ engine, resumeGoal }: Parts): Promise<void> {
  for (const goal of await allWaiting(engine.view, 'agent', PERSON_WAIT))
    if (await tryOtherSettings(engine, goal)) await resumeGoal(goal)
}

/** Lets a goal ask its model again if the settings of an earlier process kept it from that. Says whether it does. */
export async function tryOtherSettings({ view, tell }: Pick<Engine, 'view' | 'tell'>, goal: string): Promise<boolean> {
  const wait = (await peekGoal(view, goal))?.wait
  if (wait?.type !== 'model' || !wait.settings) return false
  await tell(goalRef(goal), { type: 'retry' }, { correlationId: goal })
  return true
}
