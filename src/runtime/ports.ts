/**
 * The runtime: everything below, combined over one data folder. A port is what programs and routes call, such as
 * `runs`, `goals` or `inbox`; `ports/` describes them and the folders beside it implement them. `open/` brings a
 * runtime alive. Product logic belongs in the rooms below, not here.
 */

import type { AgentsPort } from '../agent/room/agents/port.ts'
import type { ConversationsPort } from '../agent/room/conversation/port.ts'
import type { GoalsPort } from '../agent/room/goals/port.ts'
import type { ToolsPort } from '../calls/room/port.ts'
import type { TypedEngine } from '../engine/engine.ts'
import type { InboxPort } from '../inbox/room/port.ts'
import type { Observer } from '../observe/observer.ts'
import type { PipelinesPort } from '../pipeline/room/port.ts'
import type { RoomPorts } from '../rooms/rooms.ts'
import type { RunsPort } from '../run/room/port.ts'
import type { ThreadsPort } from '../thread/room/port.ts'
import type { CataloguePort } from './ports/catalogue.ts'
import type { Inspector } from './ports/inspector.ts'
import type { MaintenancePort, RuntimeStatus } from './ports/maintenance.ts'
import type { ServingPort } from './ports/serving.ts'

/** Everything that antiphon can do in one process over one data folder. Work that it starts outlives the process. */
export interface Runtime extends RoomPorts {
  /** The data folder, an absolute path. */
  readonly data: string
  /** The engine that runs its actors, and yours. */
  readonly engine: TypedEngine
  /** Checks pipelines before they run, and keeps uploaded ones. */
  readonly pipelines: PipelinesPort
  /** Starts, reads and steers runs. */
  readonly runs: RunsPort
  /** Calls tools, each call a step of a run. */
  readonly tools: ToolsPort
  /** Keeps agents that are put at run time. */
  readonly agents: AgentsPort
  /** Gives goals to agents, and steers them. */
  readonly goals: GoalsPort
  /** Asks questions, and reads threads. */
  readonly threads: ThreadsPort
  /** Talks with agents: messages of a conversation, their answers, and its events. */
  readonly conversations: ConversationsPort
  /** Lists what waits for people, and takes their decisions. */
  readonly inbox: InboxPort
  /** Shows what actors do and wait for, and the messages that failed. */
  readonly inspector: Inspector
  /** Backups, garbage collection, and the cache of replies. */
  readonly maintenance: MaintenancePort
  /** The tools and models that steps can use, and the phases of asks. */
  readonly catalogue: CataloguePort
  /** Receives what this process reports: spans, counts and log lines. */
  readonly observer: Observer
  /** Pays the author of a shared prompt for a citation: `priors.recordCitation` by its short name. */
  readonly recordCitation: RoomPorts['priors']['recordCitation']
  status(): RuntimeStatus
  /**
   * Resolves when this process works on no run, no goal and no question, and no actor has a turn or mail, or pauses
   * before a retry or a restart by its supervisor. Work that waits only for signals or people, and timers do not count.
   * On a cluster, turns and mail of other actors do not count.
   */
  idle(): Promise<void>
  /**
   * Rejects when the data folder can no longer be written. From then on nothing is acknowledged, and nothing
   * acknowledged is lost. After `stop` it rejects with a CancelledError `stopped`.
   */
  broken(): Promise<never>
  /** Resolves when work can start. Rejects with a temporary reason (no disk space) or a permanent one. */
  ready(): Promise<void>
  /** Ends this process's work on the data folder. Running turns get `grace` ms to end. */
  stop(options?: { readonly grace?: number }): Promise<void>
}

/** A runtime with what an HTTP server over it needs. */
export type ServedRuntime = Runtime & { readonly serving: ServingPort }
