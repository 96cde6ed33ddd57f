import type { Clock, Engine } from '../../../engine/engine.ts'
import type { Actor } from '../../../kernel/types.ts'
import type { EngineLife } from './life.ts'

/** What lasts from life to life, and how an engine is opened on it. */
export interface SimulatedStore {
  open(life: EngineLife, lent: StoreContext): Engine
  /** The process is gone, and with it all that was not flushed. */
  crash(): void
  /** Removes everything. */
  close(): void
}
export type StoreContext = {
  readonly actors: readonly Actor[]
  readonly clock: Clock
  readonly createId: () => string
  readonly onFailed: (error: Error) => void
}
