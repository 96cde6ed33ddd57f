import type { Clock, Engine } from '../../../engine/engine.ts'
import type { Actor } from '../../../kernel/types.ts'
import type { Life } from './life.ts'

/** What lasts from life to life, and how an engine is opened on it. */
export interface Store {
  open(life: Life, lent: Lent): Engine
  /** The process is gone, and with it all that was not flushed. */
  crash(): void
  /** Removes everything. */
  close(): void
}
export type Lent = {
  readonly actors: readonly Actor[]
  readonly clock: Clock
  readonly createId: () => string
  readonly onFailed: (error: Error) => void
}
