import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef } from '../../kernel/types.ts'
import type { Tool } from '../../tool/tool.ts'
import type { Job, PipelineServices, Result } from '../step/context.ts'
import type { Parameters } from './compiled.ts'

/** What a step puts to somebody else, and waits to hear without a worker, a thread or a turn. Plain data. */
export type Question = {
  /** an actor, or whoever sends the run a signal of that name */
  readonly to: ActorRef | { readonly signal: string }
  /** what the actor is sent; of a signal what those who may send it are shown */
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

/** What an answer comes to: a result; not an answer, and the question stands; another question after a while. */
export type Verdict =
  | Result
  | { readonly type: 'refused'; readonly problem: Problem; readonly question: Question }
  | { readonly type: 'again'; readonly question: Question; readonly delay: number }

/** What an answer is judged with; `ms`: how long it took; `key`: the idempotency key of the step's call. */
export type Hearing = {
  readonly services: PipelineServices
  readonly parameters: Parameters
  readonly ms: number
  readonly key: string
}

/** Work of a step that somebody else does: what they are asked, and what their answer means. Both run within an effect of the step. */
// biome-ignore lint/suspicious/noExplicitAny: those of all inputs lie in one table
export interface Asking<Input = any> {
  /** A result when nobody needs to be asked. */
  ask(input: Input, job: Job): Question | Result | Promise<Question | Result>
  /** What it throws, or a problem that was heard and is thrown on, fails the step. */
  take(question: Question, heard: Heard, hearing: Hearing): Verdict | Promise<Verdict>
}

/** A tool whose work somebody else does. */
export type AskingTool = Tool & {
  readonly asking: Asking
  /** parameters that hold a text of their own, which is never rendered */
  readonly opaque?: readonly string[]
  /** the parameter that names files for a model: they are read before it is asked for the first time */
  readonly files?: string
}

/** Whether the work of a tool is done by somebody else. */
export function isAsking(tool: Tool): tool is AskingTool {
  return 'asking' in tool
}
