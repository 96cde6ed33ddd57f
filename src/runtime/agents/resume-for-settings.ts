import { peekGoal } from '../../agent/protocol/state.ts'
import type { Engine } from '../../engine/engine.ts'
import { PERSON_WAIT } from '../../work/wait.ts'
import { allWaiting } from './resume-for-code.ts'

type Parts = {
  readonly engine: Engine
  /** Takes up what an earlier process left of a goal, and follows the work above it. */
  resumeGoal(goal: string): Promise<void>
}

/** Wakes the goals that could not ask their model with the settings of an earlier process. Each looks itself. */
export async function resumeForSettings({ engine, resumeGoal }: Parts): Promise<void> {
  for (const goal of await allWaiting(engine.view, 'agent', PERSON_WAIT)) {
    const wait = (await peekGoal(engine.view, goal))?.wait
    if (wait?.type === 'model' && wait.settings) await resumeGoal(goal)
  }
}
