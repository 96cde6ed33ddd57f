import { InvalidError } from '../../errors.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { EXECUTION_STRATEGIES } from '../../run/run.ts'

/** A step of a graph, also a loop. `level`: 0 if it waits for no step, else one more than the highest of these. */
export type StrategyStep = { readonly id: string; readonly level: number; readonly tool?: string }

/** Says which ready steps of a run begin now, by their ids. It is pure: a turn that a kill cuts off asks it again. */
export type StepStrategy = (steps: {
  readonly ready: readonly StrategyStep[]
  readonly running: readonly StrategyStep[]
}) => readonly string[]

/** The strategies of a program, by the names that pipelines give under `strategy:`. */
export type StepStrategies = { readonly [name: string]: StepStrategy }

/** Whether a program may give this name to a strategy. One close to `parallel` or `sequential` is misspelt. */
export const isStrategyName = (word: string): boolean =>
  /^[a-zA-Z][a-zA-Z0-9_-]{0,99}$/.test(word) && nearestWord(word, EXECUTION_STRATEGIES) === undefined

/** Checks the strategies of a program, which may lack types. */
export function checkStrategies(given: StepStrategies = {}): StepStrategies {
  for (const [name, strategy] of Object.entries(given))
    if (!isStrategyName(name) || typeof strategy !== 'function')
      throw new InvalidError('Expected a function, under a name unlike parallel and sequential.', {
        place: { path: `strategies.${name}` },
        hint: 'Write for example strategies: { oneByOne: ({ ready }) => [ready[0].id] }.',
      })
  return given
}
