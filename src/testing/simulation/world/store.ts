import type { Clock, Engine } from '../../../engine/engine.ts'
import type { Actor } from '../../../kernel/types.ts'
import type { EngineLife } from './life.ts'

/** The storage that survives restarts, and how to open an engine on it. */
export interface SimulatedStore {
  open(life: EngineLife, lent: StoreContext): Engine
  /** The process has ended: unflushed data is lost. */
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
