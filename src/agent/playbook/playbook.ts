/**
 * Playbooks: pipelines that a goal follows instead of asking a model. A person writes one beside an agent or a skill.
 * Use a playbook for work that repeats.
 */

/** A pipeline that a goal can follow instead of thinking. */
export type Playbook = {
  /** the agent or the skill that it belongs to */
  readonly name: string
  readonly description: string
  /** hash of the compiled pipeline in the value store */
  readonly pipeline: string
}

/** The sentence that a goal says about the playbook that it followed, wherever it is shown. */
export const followedNote = (playbook: string, rounds: number): string =>
  rounds === 0
    ? `followed playbook ${playbook}, no model was asked`
    : `followed playbook ${playbook}, then a model was asked`
