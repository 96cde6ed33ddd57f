import { InvalidError } from '../../errors.ts'
import { isOwnWord } from '../../lib/suggest.ts'
import { EXECUTION_STRATEGIES } from '../../run/run.ts'

/** A step of a graph, as a strategy gets it. A loop is one step, and so is one that runs a pipeline. */
export type StrategyStep = {
  readonly id: string
  /** 0: it waits for no step; else one more than the highest level among the steps that it waits for */
  readonly level: number
  /** absent: it calls no tool */
  readonly tool?: string
}

/**
 * Says which of the ready steps of a run begin now, by their ids. It is pure: it gets all that it may use, and a turn
 * that a kill cuts off asks it again.
 */
export type StepStrategy = (steps: {
  readonly ready: readonly StrategyStep[]
  readonly running: readonly StrategyStep[]
}) => readonly string[]

/** The strategies of a program, by the names that pipelines give under `strategy:`. */
export type StepStrategies = { readonly [name: string]: StepStrategy }

/** Whether a word has the form of a name that a program may give to a strategy. */
export const isStrategyName = (word: unknown): word is string =>
  isOwnWord(word, /^[a-zA-Z][a-zA-Z0-9_-]{0,99}$/, EXECUTION_STRATEGIES)

/** Checks the strategies of a program, which may lack types. */
export function checkStrategies(given: StepStrategies = {}): StepStrategies {
  for (const [name, strategy] of Object.entries(given)) {
    const fault = isStrategyName(name) ? typeof strategy !== 'function' && FUNCTION : NAME
    if (fault) throw new InvalidError(fault, { place: { path: `strategies.${name}` } })
  }
  return given
}

const NAME = 'Expected a name of letters, digits, _ and -, unlike parallel and sequential.'
const FUNCTION = 'Expected a function such as ({ ready }) => [ready[0].id].'
