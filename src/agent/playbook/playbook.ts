/** A pipeline that a goal can follow instead of thinking. */
export type Playbook = {
  /** the agent or the skill that it belongs to */
  readonly name: string
  readonly description: string
  /** hash of the compiled pipeline in the value store */
  readonly pipeline: string
}

/** The run that follows the playbook of a goal. */
export const runOfPlaybook = (goal: string) => `${goal}.playbook`
