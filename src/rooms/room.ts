/**
 * Rooms that register themselves. A room is a folder with actors, and its `room.ts` describes it in the type below:
 * actors, port, operations, access rule and tools. `rooms.ts` lists the rooms, and the runtime, the routes, the
 * client and the tools are made from that list. CONTRIBUTING.md has a recipe.
 */

import type { Config } from '../config/config.ts'
import type { InboxItem } from '../contract/documents/run.ts'
import type { RuntimeStatus } from '../contract/documents/system.ts'
import type { Described } from '../contract/operation.ts'
import type { Clock, Engine } from '../engine/engine.ts'
import type { Actor } from '../kernel/types.ts'
import type { Encoder } from '../model/embed/encoder.ts'
import type { ProcessHealth } from '../observe/metrics/health.ts'
import type { CallingRun, Tool } from '../tool/tool.ts'
import type { Web } from '../web/request.ts'
import type { Counts, OwnedData, Ownership } from './owned.ts'
import type { Viewer } from './viewer.ts'

/**
 * A room: the facts that the house needs about a folder with its own actors. `room.ts` in the folder describes it, and
 * `rooms.ts` lists all of them. Plain data that `antiphon/client` loads, its operations and its error codes, stands in
 * its `facts.ts`; the keys of antiphon.yaml in its `settings.ts`.
 */
export type Room<Port extends object = object, View extends object = Port> = {
  /**
   * Its operations with their documents. The operation `PORT.METHOD` calls that method of the port,
   * guarded as its description says.
   */
  readonly contract: { readonly [operation: string]: Described }
  /** tools that every runtime has */
  readonly tools?: readonly Tool[]
  /** Its actors. Effects may use the house, which is whole before the first turn. */
  actors?(config: Config, house: () => House): readonly Actor[]
  /** Opens its port: the member of `Runtime` with the name of the room. */
  open(house: House): Port
  /**
   * An access rule of its own, for more than descriptions can say: the port as a caller may use it.
   * Items of other owners look like missing ones.
   */
  view?(port: Port, viewer: Viewer): View
  /**
   * The name of the events that a stream follows; NotFoundError when
   * the caller does not see them. Only for rooms with streams.
   */
  topicOf?(view: View, params: object): Promise<string>
  /** Begins its work in the background of the process that owns the data folder; undefined: there is none. */
  begin?(house: House): Promise<BackgroundWork | undefined>
  /** Frees what its port holds, when the runtime stops. */
  close?(port: Port): Promise<void>
  /**
   * The owners of its actors, for each kind. The erasure of an owner removes the owner's, and retention removes those
   * of runs with their run. A kind without an entry is named when the program starts.
   */
  readonly owns?: readonly Ownership[]
  /** Removes its data of an owner outside of actors, or counts it (`dryRun`). May be repeated. */
  forgetOwner?(port: Port, owner: string, options: { readonly dryRun: boolean }): Promise<Counts>
  /**
   * The port as tools of a run use it, for the owner of the run. `source` names the run in changes; `run` is absent
   * outside of runs. It is called for each call of a tool.
   */
  forTools?(port: Port, owner: string, source: string, run: CallingRun | undefined): object
}

/** Work of a room that goes on beside all requests. */
export type BackgroundWork = {
  /** its part of the status of the process */
  status(): Partial<RuntimeStatus>
  /** Ends it before the engine stops. `grace`: ms that the process has; absent: as long as it takes. */
  end(grace: number | undefined): Promise<void>
}

/** The services with which ports work. */
export type House = {
  readonly config: Config
  readonly engine: Engine
  readonly clock: Clock
  /**
   * The time by which old data is removed, ms since the epoch. For an hour after a start at which the clock was more
   * than a day past the last write, this is the time of that write.
   */
  trustedNow(): number
  /** turns texts into vectors; absent: none is installed or configured */
  readonly encoder?: Encoder
  /** what waits for people, the longest wait first; with `run`, only steps of that run */
  inbox(query: HouseInboxQuery): Promise<readonly InboxItem[]>
  /** The value of a secret; undefined when it is missing. */
  secret(name: string): Promise<string | undefined>
  /** The status of an ask on one of the newest threads, or of an ask of the last day; undefined: there is none. */
  statusOfAsk(ask: string): Promise<string | undefined>
  /** resumes work of an earlier process on a run or a thread */
  goOn(of: { readonly run: string } | { readonly thread: string }): Promise<void>
  /** everything that rooms hold of owners */
  owned(): OwnedData
  /** Error `being_forgotten` while everything of the owner is being removed. */
  checkOwner(owner: string | undefined): Promise<void>
  /** Continues the erasures of owners that an earlier process left. */
  resumeErasures(): Promise<void>
  /** removes bytes of deleted data from files; absent on a cluster */
  readonly cleaning?: Cleaning
  /** the network, as `web:` in antiphon.yaml opens it */
  web(): Promise<Web>
  /**
   * The real path of a file or a folder, and which paths below it may be read. A caller who is not trusted reads what
   * untrusted runs may read; error `outside_root` for everything else.
   */
  openPath(path: string, trusted: boolean): Promise<{ readonly real: string; mayRead(real: string): boolean }>
  /** whether this process is well */
  health(): Promise<ProcessHealth>
}

/** Removes the bytes of deleted data from the files of a data folder. */
export type Cleaning = {
  /** Forgets the ids of requests to these actors, and writes engine.db anew. False: it has to be tried again. */
  compact(isGone: (actor: string) => boolean, signal: AbortSignal): Promise<boolean>
  /** Removes unused values. Those that were put within the last hour may be about to be used, and are left. */
  sweepValues(signal: AbortSignal): Promise<{ readonly removed: number; readonly left: number }>
}

type HouseInboxQuery = {
  readonly run?: string
  readonly owner?: string
  readonly limit: number
  /** the contents of steps are not read */
  readonly content?: 'none'
}
