import type { AnyPhase } from '../../chain/protocol/phase.ts'
import type { Config } from '../../config/config.ts'
import type { Clock, Engine } from '../../engine/engine.ts'
import type { CheckpointLimits } from '../../engine/libsql/log/checkpoint.ts'
import type { Actor } from '../../kernel/types.ts'
import type { Observer } from '../../observe/observer.ts'
import type { SandboxProvider } from '../../sandbox/sandbox.ts'
import type { BlobStore } from '../../store/blobs/blob-store.ts'
import type { ManagedBlobs } from '../../store/blobs/blobs.ts'
import type { DiskSpaceWatch } from '../../store/data-folder/disk-space.ts'
import type { FolderOwner } from '../../store/data-folder/owner.ts'
import type { Database } from '../../store/database/database.ts'
import type { DatabaseOptions } from '../../store/database/open.ts'
import type { Activity } from '../activity/activity.ts'
import type { MaintenancePort, RuntimeStatus } from '../ports/maintenance.ts'

/** Custom parts of a runtime. */
export type RuntimeParts = {
  /** actors of yours; their kinds must not be taken */
  readonly actors?: readonly Actor[]
  /** models of yours, of an AI SDK provider (`LanguageModelV4`), by id; the configuration may name them */
  readonly models?: { readonly [id: string]: object }
  /** sandboxes of yours, which `sandbox: { use }` may name */
  readonly sandboxes?: readonly SandboxProvider[]
  /** gets lines for people, such as that the tools of an MCP server were pinned; absent: a warning of the process */
  readonly notice?: (line: string) => void
  /** phases of yours: each serves instead of the chain's own for its phase, modality and domain */
  readonly phases?: readonly AnyPhase[]
  /** who claimed the data folder and gives it up; absent: the runtime does both */
  readonly owner?: FolderOwner
  /** `thread`: libSQL writes in its own thread, so that a slow disk does not block answers; absent: adaptive */
  readonly writer?: 'thread'
  /**
   * continue despite lost acknowledged work, which is otherwise an error of code `corrupt`;
   * `status().loss` describes it
   */
  readonly acceptLoss?: boolean
  readonly openDatabase?: (options: DatabaseOptions) => Promise<Database>
  /** when and in which portions the engine moves its log into tables */
  readonly checkpoint?: CheckpointLimits
  /** by which the libSQL engine keeps time, and steps tell how long they take; absent: the system's */
  readonly clock?: Clock
  /** the clock of retention */
  readonly retentionClock?: Clock
}

export type EngineParts = {
  readonly config: Config
  readonly parts: RuntimeParts
  readonly actors: readonly Actor[]
  readonly values: ManagedBlobs
  /** where the values lie */
  readonly store: BlobStore
  readonly activity: Activity
  /** when the data folder was last written before this start, ms since the epoch */
  readonly writtenAt: number | undefined
  readonly room: Pick<DiskSpaceWatch, 'wrote'>
  readonly observer: Observer
}

/** An engine as a runtime has it, with what its store can do besides. */
export interface OpenedEngine extends Pick<MaintenancePort, 'backup' | 'gc'> {
  readonly engine: Engine
  status(): Pick<RuntimeStatus, 'engine' | 'restate' | 'retention' | 'loss'>
  /**
   * Stops accepting work and starting turns. Returns false, and continues as before, if running
   * turns have not ended after `wait` ms.
   */
  rest(wait: number, signal: AbortSignal): Promise<boolean>
  /** Takes nothing more from now on, as when the disk refuses a write. */
  fail(error: Error): void
  /** Starts background work; from now on its actors may run. */
  begin(): Promise<void>
  stop(grace: number | undefined): Promise<void>
}
