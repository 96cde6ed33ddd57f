import type { Clock } from './engine.ts'

/** So many turns may pass before timers, disk and network get their chance. */
const BURST = 1024

/** Takes turns, one after the other, until there is none to take. */
export interface Pump {
  /** In a microtask, so that a burst of messages is there before the first turn. After many, other work goes first. */
  soon(): void
  /** At once, when called so often since the last turns: who calls outpaces them. Within a turn it does nothing. */
  keepUp(): void
}

export function createPump(clock: Clock, takeTurn: () => boolean): Pump {
  let isScheduled = false
  let isTaking = false
  let calls = 0
  let turns = 0

  function run(): void {
    turns += takeTurns(BURST - turns)
    if (turns < BURST) isScheduled = false
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
    soon() {
      if (isScheduled) return
      isScheduled = true
      queueMicrotask(run)
    },
    keepUp() {
      if (++calls >= BURST && !isTaking) takeTurns(BURST)
    },
  }
}
