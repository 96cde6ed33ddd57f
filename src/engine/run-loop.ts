import type { Clock } from './engine.ts'

/** After this many turns, the loop yields to timers, disk and network. */
const MAX_TURNS_PER_TICK = 1024

/** Takes turns one after the other until no actor is ready. */
interface RunLoop {
  /**
   * Starts the loop in a microtask, so that a burst of messages arrives
   * before the first turn. After many turns the loop yields to other work.
   */
  schedule(): void
  /**
   * Runs turns synchronously after too many calls without a turn:
   * callers are faster than the loop. Does nothing within a turn.
   */
  catchUp(): void
}

export function createRunLoop(clock: Clock, takeTurn: () => boolean): RunLoop {
  let isScheduled = false
  let isTaking = false
  let calls = 0
  let turns = 0

  function run(): void {
    turns += takeTurns(MAX_TURNS_PER_TICK - turns)
    if (turns < MAX_TURNS_PER_TICK) isScheduled = false
    else clock.soon(goOn)
  }

  function goOn(): void {
    turns = 0
    run()
  }

  function takeTurns(most: number): number {
    isTaking = true
    let taken = 0
    while (taken < most && takeTurn()) taken++
    isTaking = false
    calls = 0
    return taken
  }

  return {
    schedule() {
      if (isScheduled) return
      isScheduled = true
      queueMicrotask(run)
    },
    catchUp() {
      if (++calls >= MAX_TURNS_PER_TICK && !isTaking) takeTurns(MAX_TURNS_PER_TICK)
    },
  }
}
