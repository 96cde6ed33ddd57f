import type { Json } from '../kernel/json.ts'

/** A caller, as the access rules see it. */
export type Viewer = {
  readonly caller: {
    readonly owner: string
    /** the user of the data folder, over its socket */
    readonly local: boolean
    /** comes through a handler of the program, which gives the `context` of what the visitor starts */
    readonly visitor?: { readonly context?: Json }
    /** as in `Caller` */
    readonly offered?: true
  }
  /** may do everything for all owners */
  readonly isAdmin: boolean
  /** the owners whose items the caller sees; `all` for an admin */
  readonly seen: SeenOwners
  /** Checks that the caller sees the run, and gives its owner. NotFoundError when not. */
  checkRun(run: string): Promise<string>
  /** Checks that the caller sees the goal. NotFoundError when not. */
  checkGoal(goal: string): Promise<void>
  /**
   * The thread with that name for this caller; it need not exist yet.
   * NotFoundError when it belongs, or would belong, to another owner.
   */
  findThread(name: string): Promise<SeenThread>
  /** Like `findThread`, but the thread must exist. NotFoundError when it does not. */
  seenThread(name: string): Promise<SeenThread>
  /** the name of a thread as this caller sees it */
  nameOfThread(key: string, owner: string): string
}

/** Owners whose items a caller sees. */
export type SeenOwners = 'all' | readonly string[]

/** A thread as a caller sees it: key, owner (also before it exists), and name. */
export type SeenThread = {
  readonly key: string
  readonly owner: string
  readonly shown: string
  readonly hasBegun: boolean
}
