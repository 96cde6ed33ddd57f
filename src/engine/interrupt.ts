import { interruption, isInterruption } from '../kernel/interrupt.ts'
import type { Clock } from './engine.ts'
import type { Running } from './mailbox.ts'

/** What an interrupted turn comes to: nothing. Any other error is thrown on. */
export function undecided(error: unknown): undefined {
  if (!isInterruption(error)) throw error
}

/** Ends a turn: what it waits for is rejected, and who has its signal is told. */
export function halt(turn: Running): void {
  if (turn.halted) return
  turn.halted = true
  turn.controller.abort()
  for (const end of turn.waits ?? []) end()
}

/** Runs work of a turn; once the turn is halted it rejects at once, whatever the work goes on to do: `late` is told what still comes of it. */
export function interruptible<T>(turn: Running, work: () => Promise<T>, late = (_value: T) => {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      turn.interrupted = true
      reject(interruption('the turn was interrupted'))
    }
    if (turn.halted) return end()
    begin(turn, end)
    work().then(
      (value) => {
        turn.waits!.delete(end)
        if (turn.halted) late(value)
        resolve(value)
      },
      (error) => {
        turn.waits!.delete(end)
        reject(error)
      },
    )
  })
}

/** A pause between attempts; an engine that stops does not wait for it. */
export function sleep(clock: Clock, delay: number, turn: Running, isStopping: () => boolean): Promise<void> {
  turn.until = clock.now() + delay
  return new Promise((resolve) => {
    if (isStopping()) return halt(turn)
    const off = clock.after(delay, () => {
      turn.waits!.delete(off)
      turn.until = undefined
      resolve()
    })
    begin(turn, off)
  })
}

function begin(turn: Running, end: () => void): void {
  turn.waits ??= new Set()
  turn.waits.add(end)
}
