import type { RunRequest } from '../../run/room/port.ts'
import type { ToolRequest } from '../../tool/tool-request.ts'

export type { ApprovalPolicy, ToolRequest } from '../../tool/tool-request.ts'

/** Calls of tools, each a step of a run. */
export interface ToolsPort {
  /**
   * Starts a run that makes the calls side by side. Resolves with its id once the
   * run is durable. The calls show in lists, `why` and the inbox like any step.
   * The output of the run has the result of each call under the id of the call.
   * @throws InvalidError for a tool that does not exist, or parameters that its schema refuses; then nothing starts
   */
  call(calls: readonly ToolRequest[], options?: ToolCallOptions): Promise<{ readonly id: string }>
}

/** Options of the calls. The same `id` starts only one run. */
export type ToolCallOptions = Pick<
  RunRequest,
  'id' | 'owner' | 'trusted' | 'offered' | 'interactive' | 'budget' | 'priority' | 'context'
> & {
  /** tools whose calls wait for a person, in addition to those that the policy of the runtime names */
  readonly approve?: readonly string[]
  /** after a failed call: `fail` starts no other (default), `continue` makes all, `undo` undoes the finished ones */
  readonly onFailure?: 'fail' | 'continue' | 'undo'
  /**
   * A model chose these calls. Calls that may do harm then wait for a person, as `tools: { approve }` in antiphon.yaml
   * defines. Files of antiphon are closed to them, and commands run in a sandbox.
   */
  readonly chosenByModel?: boolean
}
