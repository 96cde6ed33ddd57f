import type { Problem } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import type { ActorRef } from '../kernel/types.ts'
import type { Parameters } from './compiled.ts'
import type { Job, PipelineServices } from './work/job.ts'

/** What a step puts to another actor, and waits to hear without a worker, a thread or a turn. Plain data. */
export type Question = {
  readonly to: ActorRef
  readonly body: Json
  /** the work that it is there, where it is work of its own: called off with the step */
  readonly work?: string
  /** ms it may take */
  readonly limit?: number
  /** what `take` is to know again */
  readonly memo?: Json
}

/** What came of a question: an answer, or why there is none. */
export type Heard = { readonly value: Json } | { readonly problem: Problem }

/** What an answer comes to: the step's result, which may be that it failed. */
export type Verdict = {
  readonly type: 'result'
  readonly result: Json
  readonly text?: string
  readonly problem?: Problem
}

/** What an answer is judged with; `ms`: how long it took. */
export type Hearing = { readonly services: PipelineServices; readonly parameters: Parameters; readonly ms: number }

/** Work of a step that another actor does: what that is asked, and what its answer means. Both run within an effect of the step. */
export interface Asking {
  ask(parameters: Parameters, job: Job): Question | Promise<Question>
  /** What it throws, or a problem that was heard and is thrown on, fails the step. */
  take(question: Question, heard: Heard, hearing: Hearing): Verdict | Promise<Verdict>
}
