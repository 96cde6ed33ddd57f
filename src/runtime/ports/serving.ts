/** Operations only for the HTTP server; not part of the package interface. */
export interface ServingPort {
  /** Checks the name of a caller: error `owner_reserved` for the owner of shared prompts where prompts are shared. */
  checkName?(owner: string): void
  /** The owner of a run; undefined when there is no such run. */
  ownerOfRun(run: string): Promise<string | undefined>
  /** The owner of a goal; undefined when there is no such goal. */
  ownerOfGoal(goal: string): Promise<string | undefined>
  /** Whether the goal has ended and has no events after that number. */
  goalEnded(goal: string, after: number): Promise<boolean>
  /** The owner of a thread; undefined when there is no such thread. */
  ownerOfThread(thread: string): Promise<string | undefined>
  /**
   * The thread of an ask. Undefined if the ask does not exist, or if it is over a day old, waits
   * for nobody and is on none of the hundred newest threads (of `owner`). With `thread`, only that
   * thread is searched.
   */
  threadOfAsk(ask: string, where?: { readonly thread?: string; readonly owner?: string }): Promise<string | undefined>
  /** Whether the run has ended and has no events after that number. */
  runEnded(id: string, after: number): Promise<boolean>
  /** Whether the question has ended and has no events after that number. */
  askEnded(thread: string, id: string, after: number): Promise<boolean>
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
