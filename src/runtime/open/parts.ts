import type { Agent } from '../../agent/definition/agent-value.ts'
import type { PhaseDefinition } from '../../chain/define/define-phase.ts'
import type { AnyPhase } from '../../chain/protocol/phase.ts'
import type { Config } from '../../config/config.ts'
import type { Clock, Engine } from '../../engine/engine.ts'
import type { CheckpointLimits } from '../../engine/libsql/log/checkpoint.ts'
import type { Cleaning } from '../../house/house.ts'
import type { Ownership } from '../../house/owned.ts'
import type { Actor } from '../../kernel/types.ts'
import type { OnEnd } from '../../notify/item.ts'
import type { Observer } from '../../observe/observer.ts'
import type { BatchPolicy } from '../../pipeline/plan/batching.ts'
import type { StepStrategies } from '../../pipeline/plan/strategy.ts'
import type { MovingActors, WatchActors } from '../../run/room/list/waiting-runs.ts'
import type { SandboxProvider } from '../../sandbox/sandbox.ts'
import type { BlobStore } from '../../store/blobs/blob-store.ts'
import type { ManagedBlobs } from '../../store/blobs/blobs.ts'
import type { DiskSpaceWatch } from '../../store/data-folder/disk-space.ts'
import type { FolderOwner } from '../../store/data-folder/owner.ts'
import type { Database } from '../../store/database/database.ts'
import type { DatabaseOptions } from '../../store/database/open.ts'
import type { Tool } from '../../tool/tool.ts'
import type { Activity } from '../../work/activity.ts'
import type { Around } from '../../work/rules/house-rules.ts'
import type { Workflow } from '../../workflow/definition/workflow-value.ts'
import type { ClockTrust } from '../maintenance/retention/clock-trust.ts'
import type { MaintenancePort, RuntimeStatus } from '../ports/maintenance.ts'

/** Opens an engine for the actors of a runtime. `data`: the data folder, in which it may keep what it stores. */
export type EngineFactory = (parts: {
  readonly data: string
  readonly actors: readonly Actor[]
  readonly observer: Observer
}) => Engine | Promise<Engine>

/** Your own parts of a runtime. */
export type RuntimeParts = {
  /** your agents, of `defineAgent`. The runtime has their tools, and those of the agents that they may ask */
  readonly agents?: readonly Agent[]
  /** your tools, of `defineTool`; agents and pipelines may name them */
  readonly tools?: readonly Tool[]
  /** your workflows, of `defineWorkflow`; their runs wait while no process has them */
  readonly workflows?: readonly Workflow[]
  /** your actors; their kinds must be unused */
  readonly actors?: readonly Actor[]
  /**
   * the owners of your actors, for each kind: `{ kind: 'tally', place: 'tallies' }` if their index names the owner. A
   * kind without an entry is named at the start, and the erasure of an owner leaves what it holds
   */
  readonly owns?: readonly Ownership[]
  /** your models, of an AI SDK provider (`LanguageModelV4`), by id; the configuration may name them */
  readonly models?: { readonly [id: string]: object }
  /** your sandboxes; `sandbox: { use }` may name them */
  readonly sandboxes?: readonly SandboxProvider[]
  /** receives messages for people, such as that an MCP server's tools were pinned; absent: a warning of the process */
  readonly notice?: (line: string) => void
  /** rules around all calls of models and tools. Work that began with them waits for a process that has them */
  readonly around?: Around
  /** your strategies, by the names under `strategy:` of pipelines. A run waits for a program that has its own */
  readonly strategies?: StepStrategies
  /** your phases, of `definePhase`: each replaces a built-in phase for its name, modality and domain */
  readonly phases?: readonly (AnyPhase | PhaseDefinition)[]
  /**
   * called once for each run, goal and question that ends, child work left out, after its end is on disk. A call that
   * throws, or that a kill cuts off, is made again: for a day, with growing pauses. Only on the engine libsql
   */
  readonly onEnd?: OnEnd
  /** opens an engine of your own, which passes the suite of `antiphon/testing/conformance`; absent: libsql */
  readonly engine?: EngineFactory
  /** continue despite lost acknowledged work, otherwise an error of code `corrupt`; `status().loss` describes it */
  readonly acceptLoss?: boolean
}

/** The parts of a runtime that only commands, tests and benches replace. */
export type InternalParts = RuntimeParts & {
  /** the claim of the data folder, which the caller releases; absent: the runtime claims and releases it */
  readonly owner?: FolderOwner
  /** `thread`: libSQL writes in a separate thread, so that a slow disk does not block answers; absent: adaptive */
  readonly writer?: 'thread'
  /** false: rooms do no work in the background, as this process only reads */
  readonly background?: false
  readonly openDatabase?: (options: DatabaseOptions) => Promise<Database>
  /** when and in which chunks the engine moves its log into tables */
  readonly checkpoint?: CheckpointLimits
  /** which steps of a run share a turn; absent: `fast` */
  readonly batches?: BatchPolicy
  /** the clock of the libSQL engine, and of the durations of steps; absent: the system's */
  readonly clock?: Clock
  /** the base of relative paths of tools; absent: the folder of the configuration */
  readonly root?: string
  /** replaces tools, for tests of agents; it gets all tools of the runtime */
  readonly replaceTools?: (tools: readonly Tool[]) => readonly Tool[]
  readonly retentionClock?: Clock
  /** Replaces the `WorkflowServices`, for tests of workflows. Public types reach this one, and must not reach those. */
  watchWorkflows?(services: object): object
}

export type EngineParts = {
  readonly config: Config
  readonly parts: InternalParts
  readonly actors: readonly Actor[]
  readonly values: ManagedBlobs
  /** the store of the values */
  readonly store: BlobStore
  readonly activity: Activity
  readonly trust: ClockTrust
  /** the kinds of actors that end with their run */
  readonly ofRuns: readonly string[]
  readonly space: Pick<DiskSpaceWatch, 'wrote'>
  readonly observer: Observer
}

/** An engine with the maintenance operations of its store. */
export interface OpenedEngine extends Pick<MaintenancePort, 'backup' | 'gc'> {
  readonly engine: Engine
  /** absent on a cluster */
  readonly cleaning?: Cleaning
  /** Tells which actors change, and which will. Absent on a cluster, where others change actors, too. */
  readonly changes?: { readonly watch: WatchActors; readonly moving: MovingActors }
  status(): Pick<RuntimeStatus, 'engine' | 'restate' | 'retention' | 'loss' | 'replica'>
  /**
   * Resolves when no actor of this process is in a turn or has mail that
   * is due. On a cluster it resolves at once: other nodes work, too.
   */
  quiet(): Promise<void>
  /** Stops accepting work and starting turns. False, and it goes on, if running turns do not end after `wait` ms. */
  rest(wait: number, signal: AbortSignal): Promise<boolean>
  /** Accepts no more work, as after a failed write. */
  fail(error: Error): void
  /** Starts background work; from now on its actors may run. */
  begin(): Promise<void>
  stop(grace: number | undefined): Promise<void>
}
