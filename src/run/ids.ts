import { InvalidError } from '../errors.ts'

export const childRunId = (run: string, step: string) => `${run}.${step}`

/** The id of a child run that starts again. */
export const retriedRunId = (below: string, retries: number) => `${below}.${retries}`

export const runOfRound = (goal: string, round: number) => `${goal}.${round}`

export const runOfPlaybook = (goal: string) => `${goal}.${PLAYBOOK}`

const PLAYBOOK = 'playbook'

/**
 * The goal whose run an id may name, and the round; absent: it is of a playbook. `2026.11.25` is an id like any
 * other, so the goal may not exist.
 */
export function goalInRunId(run: string): { readonly goal: string; readonly round?: number } | undefined {
  const dot = run.lastIndexOf('.')
  const [goal, part] = [run.slice(0, dot), run.slice(dot + 1)]
  if (dot < 1) return undefined
  if (part === PLAYBOOK) return { goal }
  return /^[1-9]\d*$/.test(part) ? { goal, round: Number(part) } : undefined
}

// a step id starts with a letter and contains no dot
const CHILD_RUN_ID = /^(.+)\.([a-z][\w#@-]*)(?:\.\d+)?$/is

/** Throws an InvalidError for an id reserved for a child run: the step that starts that run would fail. */
export function rejectChildRunId(id: string): void {
  const [, run, step] = CHILD_RUN_ID.exec(id) ?? []
  if (run !== undefined) throw reservedIdError(id, `child run of step ${step} of run ${run}`)
}

/** The error for an id that work above gives to its own child. */
export function reservedIdError(id: string, child: string): InvalidError {
  return new InvalidError(`The id ${id} is reserved for the ${child}.`, {
    place: { path: 'id' },
    hint: 'Use a hyphen instead of the dot.',
  })
}
