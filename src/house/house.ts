import type { Clock, Engine } from '../engine/engine.ts'
import type { ActorRef } from '../kernel/types.ts'
import type { OwnedData } from './owned.ts'

/**
 * The services with which every port works, in types of the kernel and the engine. A room that needs more says so
 * (`Needs` of `Room`), and the runtime makes one house that has everything.
 */
export type House = {
  readonly engine: Engine
  readonly clock: Clock
  /**
   * The time by which old data is removed, ms since the epoch. For an hour after a start at which the clock was more
   * than a day past the last write, this is the time of that write.
   */
  trustedNow(): number
  /** The value of a secret; undefined when it is missing. */
  secret(name: string): Promise<string | undefined>
  /** Resumes work that an earlier process left with this actor: its run, or its thread. */
  goOn(of: ActorRef): Promise<void>
  /** everything that rooms hold of owners */
  owned(): OwnedData
  /** Error `being_forgotten` while everything of the owner is being removed. */
  checkOwner(owner: string | undefined): Promise<void>
  /** removes bytes of deleted data from files; absent on a cluster */
  readonly cleaning?: Cleaning
}

/** Removes the bytes of deleted data from the files of a data folder. */
export type Cleaning = {
  /** Forgets the ids of requests to these actors, and writes engine.db anew. False: it has to be tried again. */
  compact(isGone: (actor: string) => boolean, signal: AbortSignal): Promise<boolean>
  /** Removes unused values. Those that were put within the last hour may be about to be used, and are left. */
  sweepValues(signal: AbortSignal): Promise<{ readonly removed: number; readonly left: number }>
}
