import type { Requests } from '../../access/room/port.ts'
import type { GoalServing } from '../../agent/room/goals/port.ts'
import type { ThreadServing } from '../../thread/room/port.ts'

/** Operations only for the HTTP server; not part of the package interface. */
export interface ServingPort extends ThreadServing, GoalServing, Requests {
  /** Checks the name of a caller: error `owner_reserved` for the owner of shared prompts where prompts are shared. */
  checkName?(owner: string): void
  /**
   * Fetches a file that a message names by its address: at most 25 MB, within 30 s, and from no private address. Its
   * name is the end of the address.
   */
  fetchFile(url: string): Promise<{ readonly content: Uint8Array; readonly name: string }>
  /** A value as it leaves the process: without declared and guessed secrets, except texts of `own`. */
  shown<Value>(value: Value, own?: ReadonlySet<string>): Value
  /** The owner of a run; undefined when there is no such run. */
  ownerOfRun(run: string): Promise<string | undefined>
  /** Whether the run has ended and has no events after that number. */
  runEnded(id: string, after: number): Promise<boolean>
  /** A text that differs when the inbox of an owner has changed; without an owner, that of all. */
  inboxMark(owner?: string): Promise<string>
  /** The commits of this process since it started; undefined on a cluster, where other processes commit, too. */
  commits(): number | undefined
  /** Whether a model is known to cost money; absent: the default model. */
  isPaid(model?: string): boolean
  /**
   * Lets running turns end, then gives up the data folder for a move: `broken` rejects with `moving`, and the process
   * must stop. BusyError if the turns have not ended after `wait` ms; the work then continues here.
   */
  handOver(wait: number, signal?: AbortSignal): Promise<void>
}
