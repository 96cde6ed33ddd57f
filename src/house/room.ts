/**
 * The house, for the doors of its rooms. A room is a folder with actors, and its `room.ts` describes it in the type
 * below: actors, port, operations, access rule and tools. `rooms/rooms.ts` lists the rooms, and the runtime, the
 * routes, the client and the tools are made from that list. CONTRIBUTING.md has a recipe.
 */

import type { Actor } from '../kernel/types.ts'
import type { CallingRun, Tool } from '../tool/tool.ts'
import type { Described } from './describe.ts'
import type { House } from './house.ts'
import type { Counts, Ownership } from './owned.ts'
import type { Viewer } from './viewer.ts'

/**
 * A room: the facts that the house needs about a folder with its own actors. `room.ts` in the folder describes it, and
 * `rooms.ts` lists all of them. Plain data that `antiphon/client` loads, its operations and its error codes, stands in
 * its `facts.ts`; the keys of antiphon.yaml in its `settings.ts`. `Needs`: what it wants of the house beside
 * what every room gets, such as `config` with the keys that it reads.
 */
export type Room<Port extends object = object, View extends object = Port, Needs extends object = object> = {
  /** Its operations with their documents. `PORT.METHOD` calls that method of the port, as its description guards it. */
  readonly contract: { readonly [operation: string]: Described }
  /** tools that every runtime has */
  readonly tools?: readonly Tool[]
  /** Its actors. Effects may use the house, which is whole before the first turn. */
  actors?(config: ConfigOf<Needs>, house: () => House & Needs): readonly Actor[]
  /** Opens its port: the member of `Runtime` with the name of the room. */
  open(house: House & Needs): Port
  /**
   * An access rule of its own, for more than descriptions can say: the port as a caller may use it.
   * Items of other owners look like missing ones.
   */
  view?(port: Port, viewer: Viewer): View
  /** The topic that a stream follows; NotFoundError when the caller does not see it. Only for rooms with streams. */
  topicOf?(view: View, params: object): Promise<string>
  /** Begins its work in the background of the process that owns the data folder; undefined: there is none. */
  begin?(house: House & Needs): Promise<BackgroundWork | undefined>
  /** Frees what its port holds, when the runtime stops: before the engine, or (`closeLast`) after its last turns. */
  close?(port: Port): Promise<void>
  closeLast?(port: Port): Promise<void>
  /**
   * The owners of its actors, for each kind. The erasure of an owner removes the owner's, and retention removes those
   * of runs with their run. A kind without an entry is named when the program starts.
   */
  readonly owns?: readonly Ownership[]
  /** Like `owns`, for actors that an erasure removes before those of all rooms: keys, so that they open nothing. */
  readonly ownsFirst?: readonly Ownership[]
  /** Removes its data of an owner outside of actors, or counts it (`dryRun`). May be repeated. */
  forgetOwner?(port: Port, owner: string, options: { readonly dryRun: boolean }): Promise<Counts>
  /**
   * The port as tools of a run use it, for the owner of the run. `source` names the run in changes; `run` is absent
   * outside of runs. It is called for each call of a tool.
   */
  forTools?(port: Port, owner: string, source: string, run: CallingRun | undefined): object
}

/** A room of work: runs, goals, threads. Each starts and awaits work of the others, so their ports open together. */
export type WorkRoom = Pick<Room, 'contract' | 'owns'>

/** The keys of the configuration that a room reads. */
type ConfigOf<Needs> = Needs extends { readonly config: infer Config } ? Config : unknown

/** Work of a room that goes on beside all requests. */
export type BackgroundWork = {
  /** its part of the status of the process */
  status(): object
  /** Ends it before the engine stops. `grace`: ms that the process has; absent: as long as it takes. */
  end(grace: number | undefined): Promise<void>
}
