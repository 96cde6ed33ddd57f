import type { Clock, Engine } from '../../engine/engine.ts'
import type { Actor } from '../../kernel/types.ts'

/** An engine on some data, not started yet. */
export type EngineUnderTest = {
  readonly engine: Engine
  /**
   * The engine works on a server: the server sets the time, messages that are sent together arrive in any order, and
   * any engine that starts resumes all mail.
   */
  readonly remote?: true
  /** Stops cleanly, and opens the same data again. */
  reopen(): Promise<EngineUnderTest>
  /** Drops the engine without a stop, so that only durable data survives, and opens that data again. */
  crash(): Promise<EngineUnderTest>
  close(): Promise<void>
}
export type OpenOptions = { readonly clock?: Clock; readonly seed?: number }

/** Opens an engine without data. Reopening reads `actors` again: tests replace items of this array by new versions. */
export type OpenEngine = (actors: readonly Actor[], options?: OpenOptions) => Promise<EngineUnderTest> | EngineUnderTest
