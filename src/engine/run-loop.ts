import type { Clock } from './engine.ts'

/** After this many turns, the loop yields to timers, disk and network. */
const MAX_TURNS_PER_TICK = 1024
/** After this many ms, too: turns with their effects may follow each other without a pause. */
const MAX_TICK_MS = 100
/** After a pause of this many ms with other work of the process, the time starts again. */
const IDLE_MS = 5

/** Takes turns one after the other until no actor is ready. */
interface RunLoop {
  /**
   * Starts the loop in a microtask, so that a burst of messages arrives
   * before the first turn. After many turns, or much time, the loop yields to other work.
   */
  schedule(): void
  /** Runs turns synchronously after many calls without one: callers outpace the loop. Does nothing in a turn. */
  catchUp(): void
}

export function createRunLoop(clock: Clock, takeTurn: () => boolean): RunLoop {
  let isScheduled = false
  let isTaking = false
  let calls = 0
  let turns = 0
  let began = clock.elapsed()
  let last = began
  let mayBegin = true

  function run(): void {
    noteBegin()
    turns += takeTurns(MAX_TURNS_PER_TICK - turns)
    last = clock.elapsed()
    if (turns < MAX_TURNS_PER_TICK && last - began < MAX_TICK_MS) isScheduled = false
    else clock.soon(goOn)
  }

  /** After a pause, the time starts again. A long effect looks like a pause, but no other work ran in it. */
  function noteBegin(): void {
    const now = clock.elapsed()
    if (!mayBegin || now - last < IDLE_MS) return
    began = now
    mayBegin = false
    clock.soon(() => {
      mayBegin = true
    })
  }

  function goOn(): void {
    turns = 0
    began = clock.elapsed()
    last = began
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
