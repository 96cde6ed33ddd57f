import type { Json } from '../../kernel/json.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const

/** The words of a call while it works. They are durable, and present followers of its run hear them at once. */
export type CallProgress = {
  /**
   * Says how far the call is, as small JSON; the newest value counts. It is a sign of life. Resolves when it is
   * recorded, and rejects when the engine stops before that; a call need not await it
   */
  progress(value: Json): Promise<void>
  /** Writes a line to the log of the step, which has at most 200 lines or 64 KiB. It is a sign of life. */
  log(level: (typeof LOG_LEVELS)[number], text: string): void
  /** A sign of life alone: a call with a `heartbeat` fails when none comes in time. */
  heartbeat(): void
}
