import type { StepStart } from './step-start.ts'

/** Whose turn a step takes in a queue: its owner's, or its run's where that is nobody's. */
export function shareOf({ run, owner }: StepStart): string {
  return owner ?? run.id
}
