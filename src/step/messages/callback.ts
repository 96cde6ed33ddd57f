import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { ActorRef } from '../../kernel/types.ts'
import type { Tool } from '../../tool/tool.ts'

/** A request to an actor or a person. The step awaits it without holding a worker, a thread or a turn. Plain data. */
export type CallbackRequest = {
  /** an actor, or the sender of a signal with that name */
  readonly to: ActorRef | { readonly signal: string }
  /** the message to the actor; for a signal, what its possible senders are shown */
  readonly body: Json
  /** the work the request starts there, if any: cancelled together with the step */
  readonly work?: string
  /** timeout in ms */
  readonly limit?: number
  /** data handed back to `take` */
  readonly memo?: Json
}

/** Whether the sender of a signal answers a request, not an actor. */
export const isSignalTarget = (to: CallbackRequest['to']): to is { readonly signal: string } => 'signal' in to

/** The result of a callback request: a value, or why there is none. `isOwn`: the call itself ended so, late. */
export type CallbackResult = { readonly value: Json } | { readonly problem: Problem; readonly isOwn?: true }

/** Traits of a tool whose work an actor or a person does. The step reads `asking`. */
export type CallbackTraits = {
  readonly asking: unknown
  /** parameters that are passed on without being rendered */
  readonly opaque?: readonly string[]
  /** the parameter that names files for a model: the step reads them before its first request */
  readonly files?: string
}

/** Whether an actor or a person does the work of a tool. */
export const isCallbackTool = (tool: Tool): tool is Tool & CallbackTraits => 'asking' in tool
