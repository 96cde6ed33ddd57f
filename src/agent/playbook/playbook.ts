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

/** The sentence that a goal says about the playbook that it followed, wherever it is shown. */
export const followedNote = (playbook: string, rounds: number): string =>
  rounds === 0
    ? `followed playbook ${playbook}, no model was asked`
    : `followed playbook ${playbook}, then a model was asked`
