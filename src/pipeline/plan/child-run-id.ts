import { InvalidError } from '../../errors.ts'

/** What the run is called that a step runs below its own. */
export const belowId = (run: string, step: string) => `${run}.${step}`

/** What it is called when it is tried again. */
export const retryId = (below: string, retries: number) => `${below}.${retries}`

// the id of a step begins with a letter, and there is no dot in it
const BELOW = /^(.+)\.([a-z][\w-]*)(?:\.\d+)?$/is

/** Throws an InvalidError for an id that a step may give to a run below its own: whoever had taken it would have that step fail. */
export function checkNotBelow(id: string): void {
  const [, run, step] = BELOW.exec(id) ?? []
  if (run === undefined) return
  throw new InvalidError(`the id ${id} is kept for what a step ${step} of a run ${run} would run`, {
    place: { path: 'id' },
    hint: 'Put a hyphen where the dot is.',
  })
}
