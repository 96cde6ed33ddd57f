import type { StepDocument } from '../../document.ts'

/** A step of a run as its language knows it, whatever has become of it. */
export type KnownStep = Pick<StepDocument, 'id' | 'action' | 'tool' | 'dependencies'> & {
  /** it calls a tool that must not be repeated */
  readonly isOnce?: boolean
  /** the loops around it, the innermost first; absent: none */
  readonly within?: readonly string[]
}

/** The steps of a run as its language knows them, and what it executes. A document of the run begins with them. */
export type RunSteps = {
  /** the id of what the run executes */
  readonly definition: string
  /** runs with the same hash execute the same */
  readonly hash: string
  /** in the order of their author: a loop before the steps of its iterations */
  readonly steps: readonly KnownStep[]
  /** those that it knew before it began; steps of a level wait only for steps of earlier levels */
  readonly levels: readonly (readonly string[])[]
  /** failures that nothing handled; absent: none */
  readonly unhandled?: number
  /** a message on its way changes nothing: only other code goes on */
  readonly isStopped?: boolean
  /** it renders no outputs: the results of its calls are its outputs */
  readonly isOfCalls?: boolean
}

/** Finds the steps of a run that has begun. `begun`: the ids of those that have a record. */
export type FindSteps = (run: string, begun: Iterable<string>) => Promise<RunSteps>
