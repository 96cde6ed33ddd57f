import type { Config } from '../../config/config.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Actor } from '../../kernel/types.ts'
import type { Observer } from '../../observe/observer.ts'
import type { BlobStore } from '../../store/blobs/blob-store.ts'
import type { SweptBlobs } from '../../store/blobs/blobs.ts'
import type { Room } from '../../store/data-folder/disk-space.ts'
import type { Activity } from '../activity/activity.ts'
import type { Runtime, RuntimeStatus } from '../ports.ts'
import type { RuntimeParts } from './open-runtime.ts'

/** What an engine is opened with. */
export type EngineParts = {
  readonly config: Config
  readonly parts: RuntimeParts
  readonly actors: readonly Actor[]
  readonly values: SweptBlobs
  /** where the values lie */
  readonly store: BlobStore
  readonly activity: Activity
  /** when the data folder was last written before this start, ms since the epoch */
  readonly writtenAt: number | undefined
  readonly room: Pick<Room, 'wrote'>
  readonly observer: Observer
}

/** An engine as a runtime has it, with what its store can do besides. */
export interface OpenedEngine extends Pick<Runtime, 'backup' | 'gc'> {
  readonly engine: Engine
  status(): Pick<RuntimeStatus, 'engine' | 'restate' | 'retention' | 'loss'>
  /** Takes nothing more and begins no turn; false when the running ones have not ended after `wait` ms: then it goes on as before. */
  rest(wait: number, signal: AbortSignal): Promise<boolean>
  /** Takes nothing more from now on, as when the disk refuses a write. */
  fail(error: Error): void
  /** Begins with what it does by itself; from then on its actors may run. */
  begin(): Promise<void>
  stop(grace: number | undefined): Promise<void>
}
