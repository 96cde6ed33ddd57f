import type { Clock } from './engine.ts'

/** So many turns may pass before timers, disk and network get their chance. */
const BURST = 1024

/**
 * Takes turns until `takeTurn` finds none to take. They begin in a microtask, so that a burst of messages is there
 * before the first; after many of them, other work of the process goes first.
 */
export function createPump(clock: Clock, takeTurn: () => boolean): () => void {
  let scheduled = false
  let turns = 0

  function run(): void {
    while (turns < BURST && takeTurn()) turns++
    if (turns < BURST) scheduled = false
    else clock.soon(goOn)
  }

  function goOn(): void {
    turns = 0
    run()
  }

  return () => {
    if (scheduled) return
    scheduled = true
    queueMicrotask(run)
  }
}
