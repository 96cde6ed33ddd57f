import type { ThreadServing } from '../../thread/room/port.ts'

/** Operations only for the HTTP server; not part of the package interface. */
export interface ServingPort extends ThreadServing {
  /** Checks the name of a caller: error `owner_reserved` for the owner of shared prompts where prompts are shared. */
  checkName?(owner: string): void
  /** The owner of a run; undefined when there is no such run. */
  ownerOfRun(run: string): Promise<string | undefined>
  /** The owner of a goal; undefined when there is no such goal. */
  ownerOfGoal(goal: string): Promise<string | undefined>
  /** Whether the goal has ended and has no events after that number. */
  goalEnded(goal: string, after: number): Promise<boolean>
  /** Whether the run has ended and has no events after that number. */
  runEnded(id: string, after: number): Promise<boolean>
  /**
   * Claims an id for a day with a fingerprint of the request (up to 256 characters). Resolves with
   * `again` for the same fingerprint.
   * @throws InvalidError `key_reused` for another fingerprint
   */
  claimRequest(id: string, asked: string, owner?: string): Promise<'new' | 'again'>
  /** The text stored under an id; undefined when there is none. */
  claimedRequest(id: string): Promise<string | undefined>
  /** Removes the text under an id, if it is this one: the request had no effect. */
  releaseRequest(id: string, asked: string): Promise<void>
  /** Whether a model is known to cost money; absent: the default model. */
  isPaid(model?: string): boolean
  /**
   * Lets running turns end, then gives up the data folder for a move: `broken` rejects with `moving`, and the process
   * must stop. BusyError if the turns have not ended after `wait` ms; the work then continues here.
   */
  handOver(wait: number, signal?: AbortSignal): Promise<void>
}
