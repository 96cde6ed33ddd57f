/** The place of a checkpoint in a thread. A graph below a node has a namespace of its own; `''` is the top graph. */
export type CheckpointPlace = { readonly thread: string; readonly namespace: string; readonly id: string }

/** A checkpoint to store, as texts. `values`: those of its channels that are new, each with its version. */
export type NewCheckpoint = {
  readonly parent?: string
  readonly checkpoint: string
  readonly metadata: string
  readonly values: readonly ChannelText[]
}
type ChannelText = ChannelVersion & { readonly text: string }

/** A version of a channel. */
export type ChannelVersion = { readonly channel: string; readonly version: string | number }

/** A write of a task. The first one for a task and index counts; for a negative index, the last one does. */
type NewWrite = {
  readonly path: string
  readonly task: string
  readonly index: number
  readonly channel: string
  readonly text: string
}

type StoredCheckpoint = {
  readonly parent?: string
  readonly checkpoint: string
  readonly metadata: string
}

/** How many checkpoints of the top graph stay in a thread, and the versions of channels that this one uses. */
type Keep = { readonly count: number; readonly uses: readonly ChannelVersion[] }

/** The checkpoints of an owner, or those of a thread as they were at one moment. */
export interface ReadCheckpoints {
  /** Undefined: there is none at this place. */
  get(place: CheckpointPlace): Promise<StoredCheckpoint | undefined>
  /** The values of channels in these versions, in their order; undefined for one without a value. */
  values(
    place: Omit<CheckpointPlace, 'id'>,
    versions: readonly ChannelVersion[],
  ): Promise<readonly (string | undefined)[]>
  writes(place: CheckpointPlace): Promise<readonly NewWrite[]>
}

/** The checkpoints of an owner. */
export interface Checkpoints extends ReadCheckpoints {
  readonly owner: string
  /**
   * Resolves when all of it is durable. Error `thread_full` for a thread with 10,000 checkpoints. With `keep`, older
   * checkpoints are removed.
   */
  put(place: CheckpointPlace, checkpoint: NewCheckpoint, keep?: Keep): Promise<void>
  /** Stores writes of a task, all or none. */
  putWrites(place: CheckpointPlace, writes: readonly NewWrite[]): Promise<void>
  /** All that a thread has, read at once. */
  snapshot(thread: string): Promise<ReadCheckpoints>
  /** The newest checkpoint of a namespace. */
  latest(thread: string, namespace: string): Promise<string | undefined>
  /** The places of all checkpoints of a thread, the newest first. */
  list(thread: string): Promise<readonly CheckpointPlace[]>
  /** The names of the threads. */
  threads(): AsyncIterable<string>
  /** Removes a thread with everything in it. */
  remove(thread: string): Promise<void>
}

/** The checkpoints of graphs. */
export interface CheckpointsPort {
  /** The checkpoints of an owner; absent: of the user of the data folder. `run`: its threads end with that run. */
  of(owner?: string, run?: string): Checkpoints
}
