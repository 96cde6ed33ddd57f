import type { EngineView } from '../../engine/engine.ts'
import type { Work } from '../../step/attempt/work.ts'
import type { QuickSteps } from '../../step/batch/quick-steps.ts'
import type { StepServices } from '../../step/call/context.ts'
import type { ValueStore } from '../../step/values.ts'
import type { Language } from '../language.ts'
import type { Executor } from './executor.ts'
import type { StatesBefore } from './later.ts'

/**
 * A language of runs as a runtime opens it. `runtime/open/languages.ts` lists all of them, and CONTRIBUTING.md has a
 * recipe. `Services`: those of its turns and steps; `Reading`: what its executor reads by.
 */
export interface RunLanguage<Services = StepServices, Reading = RunReader> {
  /** The name that the head of each of its runs has. */
  readonly name: string
  /** Opens its turns. `quick` does quick steps in them. */
  turns(services: Services, quick: QuickSteps): Language
  /** What its orders mean, by the types of work. */
  works(services: Services): { readonly [type: string]: Work }
  /** Opens what prepares and reads its runs. */
  executor(reading: Reading): Executor
  /** The fields in the cell of a run that follow from its first message, by the type of that: a run waits to begin. */
  readonly before: StatesBefore
}

/** What an executor reads runs by. */
export type RunReader = { readonly view: EngineView; readonly values: ValueStore }
