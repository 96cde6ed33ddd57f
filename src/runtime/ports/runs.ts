/** A run as a list shows it; times in ms since the epoch. */
export type RunSummary = {
  readonly id: string
  readonly owner: string
  readonly name: string
  readonly status: string
  readonly startedAt: number
  readonly finishedAt?: number
  /** of one below another: the run at the top */
  readonly root?: string
}
