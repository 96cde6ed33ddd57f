import type { Json } from '../kernel/schema.ts'

/** The person and the work that a call is made for: facts of the engine and of the program, never of a model. */
export type CallFor = {
  /** the customer, or the user of the data folder (`local`) */
  readonly owner: string
  /** absent: no run makes the call */
  readonly run?: string
  /** the step of the run; for a call that an agent chose, the id that `agent show` shows, such as `call_1` */
  readonly step?: string
  /** the conversation, and the message whose answer the call belongs to */
  readonly conversation?: string
  readonly message?: string
  /** the goal, and its agent, that chose the call or started the run that makes it */
  readonly goal?: string
  readonly agent?: string
  /** what the program gave with the message, the goal or the run. It is frozen, and no model sees it. */
  readonly context?: Json
}
