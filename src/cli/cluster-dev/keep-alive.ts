import { setTimeout as sleep } from 'node:timers/promises'

/** What may end at any time, and can be started again. */
export interface Restartable {
  readonly name: string
  /** Resolves when it has ended. */
  ended(): Promise<void>
  start(): Promise<void>
}

/** ms before it is started again: longer and longer for what does not last. */
const PAUSE = { first: 100, longest: 10_000, lasts: 10_000 } as const

/** Starts it again whenever it ends, until `stopping`. */
export async function keepAlive(
  { name, ended, start }: Restartable,
  say: (text: string) => void,
  stopping: AbortSignal,
): Promise<void> {
  for (let pause: number = PAUSE.first; ; ) {
    const begun = performance.now()
    await ended()
    const lasted = performance.now() - begun
    pause = lasted > PAUSE.lasts ? PAUSE.first : Math.min(PAUSE.longest, pause * 2)
    if (!stopping.aborted) say(`${name} has ended; it is started again.`)
    await sleep(pause, undefined, { signal: stopping }).catch(() => {})
    if (stopping.aborted) return
    await start().catch((error: Error) => say(`${name} could not be started: ${error.message}`))
  }
}
