import type { Effects } from '../../kernel/types.ts'
import type { StepTurns } from '../attempt/turns.ts'
import type { ParallelEnd } from '../messages/step-end.ts'
import type { StepStart } from '../messages/step-start.ts'
import { runMembers, type TurnBounds } from './parallel.ts'

/** Quick steps, for the turn of a run that runs them itself. */
export type QuickSteps = {
  /** Whether work of this kind was done here recently, and was fast. */
  isFast(kind: string): boolean
  /** The bounds of a turn that begins now. */
  bounds(): TurnBounds
  /** Runs steps in parallel, as effects of the turn. A step that is not fast, or takes long, is deferred. */
  run(
    starts: readonly StepStart[],
    effects: Effects,
    bounds: TurnBounds,
  ): Promise<Pick<ParallelEnd, 'ends' | 'deferred'>>
}

/** How long a turn of a run waits for one step: other messages wait meanwhile. */
const PATIENCE_MS = 100
/** The time after which a turn of a run begins no more steps. */
const MAX_TURN_MS = 250

export function quickSteps(stepTurns: StepTurns): QuickSteps {
  const { elapsed = () => performance.now() } = stepTurns.services
  return {
    isFast: stepTurns.latency.isFast,
    bounds() {
      const end = elapsed() + MAX_TURN_MS
      return { patience: PATIENCE_MS, isLate: () => elapsed() > end }
    },
    run: (starts, effects, bounds) => runMembers(stepTurns, starts, effects, bounds),
  }
}
