import type { ToolCall, ToolOffer } from '../../model/request/request.ts'
import type { ActionCall, EndedCall } from '../../thread/protocol/calls.ts'
import type { ApprovalPolicy } from '../../tool/tool-request.ts'
import type { Toolbox } from '../../tool/toolbox.ts'

export type CallServices = {
  readonly toolbox: Toolbox
  /** which calls wait for a person; `default`: calls that are made at most once */
  readonly approve: ApprovalPolicy
  /** whether a search service is configured, and asks may use it */
  readonly searches: boolean
  /** Reads the calls of a run that a phase of this thread began, with results of at most `most` characters. */
  readCalls(run: string, thread: string, most: number): Promise<CallsOfRun>
}

/** A run of calls as its phase finds it. `foreign`: other work has taken its id. */
export type CallsOfRun =
  | { readonly status: 'absent' | 'running' | 'foreign' }
  | { readonly status: 'ended'; readonly calls: { readonly [step: string]: EndedCall } }

/** The tools of an ask, as a phase offers them to its model. */
export interface ToolCalls {
  readonly offers: readonly ToolOffer[]
  /** Makes the calls of one reply, in one run. Calls that cannot be made are refused. */
  make(calls: readonly ToolCall[]): Promise<readonly MadeCall[]>
}

/** A call of a model with its end. */
export type MadeCall = Omit<EndedCall, 'status'> & Pick<ActionCall, 'tool' | 'status' | 'run'>
