import type { ToolCallOptions, ToolRequest } from '../../../src/calls/room/port.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { RunDocument } from '../../../src/run/document.ts'

/** A run, what its user does meanwhile, and what may come of it however often the process dies. */
export type Case = PipelineCase | CallsCase

/** A run of a pipeline. */
export type PipelineCase = Expected & {
  readonly yaml: string
  readonly inputs?: { readonly [name: string]: Json }
}

/** A run of tool calls that stand in no pipeline. */
type CallsCase = Expected & {
  readonly requests: readonly ToolRequest[]
  readonly options: Pick<ToolCallOptions, 'approve' | 'onFailure'>
}

type Expected = {
  /** also the id of its run */
  readonly name: string
  readonly acts?: readonly Act[]
  /** runs that take over what it recorded, started one after the other when it is over, as `<name>-<number>` */
  readonly again?: readonly Again[]
  /** runs that it starts and does not wait for */
  readonly left?: readonly string[]
  readonly outcome: Outcome
  /** under how many keys the outside is called, by label; of a label that is not here never */
  readonly calls: { readonly [label: string]: number }
  /** how often under one key, where that is not once */
  readonly attempts?: { readonly [label: string]: number }
  /** steps with a number of attempts, by label: so many starts at most, whatever is killed */
  readonly limits?: { readonly [label: string]: number }
  /** what is taken back, in that order */
  readonly undone?: readonly string[]
  /** how often somebody is asked for each signal; once where nothing is said */
  readonly asked?: { readonly [signal: string]: number }
  /** its time limits may be over while no process is there: who is asked before that is told or not */
  readonly timed?: true
  /** a call that must not be repeated, and what the run comes to when it was cut off; without a label any of its calls, which are not logged */
  readonly once?: {
    readonly label?: string
    /** its step, where a signal came before: the message of the call has an id of its own then in each story */
    readonly step?: string
    readonly outcome: Outcome
  }
  /** what is called instead then */
  readonly instead?: { readonly [label: string]: number }
  /** replies are kept: the last of them a process may take along that is killed, and then they are paid for again */
  readonly cached?: true
  /** how often models are asked, by word and model, where that is told; once more for each kill at most */
  readonly billed?: { readonly [word: string]: number }
  /** why processes are not killed in it, only simulated ones */
  readonly simulated?: string
}

export const isPipeline = (one: Case): one is PipelineCase => 'yaml' in one

/** What must hold of the document of a run. */
export type Outcome = Partial<Omit<RunDocument, 'steps'>>

/** What its user does when an event comes: `on` is its type with its step or signal. */
export type Act = { readonly on: string; readonly run?: string } & (
  | { readonly signal: string; readonly value: Json }
  | { readonly cancel: string }
  | { readonly raise: number }
)

/** How a later run takes over what an earlier one recorded. */
export type Again = { readonly outcome: Outcome } & (
  | { readonly fork: { readonly at?: string; readonly set?: { readonly [name: string]: Json } } }
  | { readonly reuse: true }
  | { readonly from: string }
)
