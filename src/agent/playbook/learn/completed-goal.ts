import type { Json } from '../../../kernel/schema.ts'
import type { CallStatus } from '../../goal/state.ts'

/** A goal that was completed, with everything that its playbook is made from. */
export type CompletedGoal = {
  readonly agent: string
  readonly goal: string
  /** the texts that the agent had before its first call: its instructions, and those of its project and skills */
  readonly known: string
  /** in the order of the rounds */
  readonly calls: readonly DoneCall[]
  readonly answer: string
}

/** A call that a run made for a goal. Calls of one round do not depend on each other. */
export type DoneCall = {
  readonly round: number
  readonly tool: string
  /** the parameters it was made with, which a person may have changed */
  readonly parameters: { readonly [name: string]: Json }
  readonly outcome: CallStatus
  /** the whole result */
  readonly result: Json
  readonly isPure: boolean
  /** a person had to approve it */
  readonly isApproved: boolean
  /** texts that its tool names as values of its parameters */
  readonly constants: readonly string[]
}

/** The reason why a goal gives no playbook. */
export class NoPlaybook extends Error {}
