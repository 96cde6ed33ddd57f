import type { EngineView } from '../../engine/engine.ts'
import type { InvalidError, NotFoundError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { ownerField } from '../../lib/owner.ts'
import type { Work } from '../../step/attempt/work.ts'
import type { QuickSteps } from '../../step/batch/quick-steps.ts'
import type { StepServices } from '../../step/call/context.ts'
import type { RunOrigin } from '../../step/messages/run-origin.ts'
import type { ValueStore } from '../../step/values.ts'
import type { RunDocument, StepDetail, StepDocument } from '../document.ts'
import type { Language } from '../language.ts'
import type { FirstRunMessage } from '../later/messages.ts'
import type { RunHead } from '../run.ts'
import type { RunDetails, StartedRun } from './documents.ts'
import type { ForkRequest, RunRequest } from './port.ts'
import type { FindSteps } from './report/run-steps.ts'
import type { RunSource } from './source.ts'

export type { FirstRunMessage } from '../later/messages.ts'

/**
 * The executor of a language prepares the first message of its runs, and reads their records. `run/language.ts` is the
 * port of their turns. The rest of a run, from its list to its end, is the same for all.
 */
export interface Executor {
  /** Whether a request names work of its language. */
  accepts(request: RunRequest): boolean
  /** Prepares a run. InvalidError when its text or an input is wrong. */
  prepare(request: RunRequest): Promise<PreparedRun>
  /** Prepares a run that reuses the recorded results of another one. NotFoundError when there is no such run. */
  prepareFork(run: string, request: ForkRequest): Promise<PreparedRun>
  /** Finds the steps of a run that has begun. `run/` makes its document of them. */
  readonly steps: FindSteps
  /** Reads the inputs of a run, without secrets. Undefined when it has not begun. */
  inputs(run: string): Promise<Json | undefined>
  /** Reads what it knows of a step besides its document: the parameters, the messages and the reply of its model. */
  detailOf(step: StepDocument, run: RunDocument): Promise<Partial<StepDetail>>
  /** Reads what a run was started from, and where its steps stand in it. NotFoundError when there is no such run. */
  source(run: string): Promise<RunSource>
}

/**
 * A language of runs as a runtime opens it. `runtime/open/languages.ts` lists all of them, and CONTRIBUTING.md has a
 * recipe. `Services`: those of its turns and steps; `Reading`: the parts of a runtime that its executor reads.
 */
export interface RunLanguage<Services = StepServices, Reading = LanguageReading> {
  /** The name that the head of each of its runs has. */
  readonly name: string
  /** Opens its turns. `quick` does quick steps in them. */
  turns(services: Services, quick: QuickSteps): Language
  /** Opens the meaning of its orders, by the types of work. */
  works(services: Services): { readonly [type: string]: Work }
  /** Opens its executor. */
  executor(reading: Reading): Executor
  /** The fields in the cell of a run that follow from its first message, by the type of that: a run waits to begin. */
  readonly before: { readonly [type: string]: (start: FirstRunMessage) => Partial<RunHead> }
}

/** The parts of a runtime that every executor reads. */
export type LanguageReading = { readonly view: EngineView; readonly values: ValueStore }

/** Reads every run, by its executor, and what every run has in the same form, whatever its language. */
export interface RunReading extends Omit<Executor, 'accepts' | 'steps' | 'detailOf'> {
  /** Reads a run. NotFoundError when there is none. */
  read(run: string): Promise<RunDocument>
  /** Reads a step with its parameters and messages. NotFoundError when the run has no such step. */
  readStep(run: string, step: string): Promise<StepDetail>
  /** The requests of the open steps of a run. */
  openRequests(run: string): Promise<readonly OpenRequest[]>
  /** Reads how far a run is, and what its models took. Undefined when it has not begun. */
  progress(run: string): Promise<ProgressOfRun | undefined>
  /** The folders that the tools of a run may read. */
  rootsOf(run: string): Promise<readonly string[]>
  readonly settling: Settling
}

/** The numbers of the steps of a run, and the usage of its models. */
export type ProgressOfRun = Pick<RunDetails, 'total' | 'done' | 'failed' | 'skipped' | 'usage'>

/** A run to begin: its first message, made at admission, its pipeline's or workflow's name, and warnings. */
export type PreparedRun = Pick<StartedRun, 'warnings'> & {
  readonly name: string
  /** @throws InvalidError if a value is wrong */
  firstMessage(): Promise<FirstRunMessage>
}

/** An open step waits for the answer of an actor, and the work that makes it; or for money. */
export type OpenRequest = {
  readonly to?: ActorRef
  readonly work?: string
  /** the work of a timer that sends the request again */
  readonly later?: string
  /** the scope of the budget that is too small */
  readonly budget?: string
}

/** How a person settles the call of a step whose outcome is unknown. */
export type Settling = {
  /** The signal that settles the call of a step. */
  signalOf(step: string): string
  /** Whether the step has asked. After a crash, a step finds out only now that it does not know. */
  hasAsked(run: string, step: string): Promise<boolean>
  /** The error for a step that waits for nobody to settle it. */
  notInDoubt(run: string, step: string): Promise<InvalidError | NotFoundError>
}

/** The origin that a request names, in every language. `foreign`: if the caller is remote, so is the text. */
export const originOfRequest = (
  { owner, trusted = true, interactive, priority }: Pick<RunRequest, 'owner' | 'trusted' | 'interactive' | 'priority'>,
  foreign = false,
): RunOrigin => ({
  ...(!trusted && { untrusted: true, foreign }),
  ...ownerField(owner),
  ...(interactive && { interactive: true }),
  ...(priority && { priority }),
})
