import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef } from '../../kernel/types.ts'
import type { Tool } from '../../tool/tool.ts'

/** What a step puts to somebody else, and waits to hear without a worker, a thread or a turn. Plain data. */
export type CallbackRequest = {
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
export type CallbackResult = { readonly value: Json } | { readonly problem: Problem }

/** What else a tool has whose work an actor or a person does. The step reads `asking`. */
export type CallbackTraits = {
  readonly asking: unknown
  /** parameters that hold a text of their own, which is never rendered */
  readonly opaque?: readonly string[]
  /** the parameter that names files for a model: the step reads them before it asks for the first time */
  readonly files?: string
}

/** Whether an actor or a person does the work of a tool. */
export function isCallbackTool(tool: Tool): tool is Tool & CallbackTraits {
  return 'asking' in tool
}
