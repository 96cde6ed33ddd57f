import type { Actor } from '../../kernel/types.ts'
import { openStepTurns, type StepTurns } from '../attempt/turns.ts'
import { type QuickSteps, quickSteps } from '../batch/quick-steps.ts'
import type { StepServices } from '../call/context.ts'
import { onceActor } from '../call/once-actor.ts'
import { stepActor } from './step-actor.ts'

/** The kinds `step` and `once`, for works of these types. `quick` does quick steps in the turns of a run. */
export function openSteps<Services extends StepServices>(
  services: Services,
  works: (services: Services) => StepTurns['works'],
): { readonly actors: readonly Actor[]; readonly quick: QuickSteps } {
  const turns = openStepTurns(services, works)
  return { actors: [stepActor(turns), onceActor()], quick: quickSteps(turns) }
}
