import { interruption, isInterruption } from '../kernel/interrupt.ts'
import type { Outcome } from '../kernel/types.ts'
import type { Clock } from './engine.ts'
import { type Running, withItem, withoutItem } from './mailbox.ts'

/** What an interrupted turn comes to: nothing. Any other error is thrown on. */
export function undecided(error: unknown): undefined {
  if (!isInterruption(error)) throw error
}

/** Ends a turn: what it waits for is rejected, and who has its signal is told. */
export function halt(turn: Running): void {
  if (turn.halted) return
  turn.halted = true
  turn.controller.abort()
  for (const end of turn.waits) end()
}

/** Begins work of a turn: it ends by one of the two. */
export type Begin<T> = (done: (value: T) => void, fail: (error: unknown) => void) => void

/** Work of a turn; once the turn is halted it rejects at once, whatever the work goes on to do: `late` is told what still comes of it. */
export function interruptible<T>(turn: Running, begin: Begin<T>, late?: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      turn.interrupted = true
      reject(interruption('the turn was interrupted'))
    }
    if (turn.halted) return end()
    turn.waits = withItem(turn.waits, end)
    begin(
      (value) => {
        turn.waits = withoutItem(turn.waits, end)
        if (turn.halted) late?.()
        resolve(value)
      },
      (error) => {
        turn.waits = withoutItem(turn.waits, end)
        reject(error)
      },
    )
  })
}

type Act = {
  readonly key: string
  readonly clock: Clock
  readonly act: () => Promise<Outcome>
  readonly record: (key: string, outcome: Outcome) => void
}

/** An effect of a turn, which is seen to run; what comes of it is recorded unless the turn has ended by then. */
export function acting(turn: Running, { key, clock, act, record }: Act): Begin<Outcome> {
  return (done, fail) => {
    // ended while it waited for the disk: it must not begin
    if (turn.halted) return
    const effect = { key, since: clock.now() }
    turn.effects = withItem(turn.effects, effect)
    act().then((outcome) => {
      turn.effects = withoutItem(turn.effects, effect)
      if (!turn.halted) record(key, outcome)
      done(outcome)
    }, fail)
  }
}

/** A pause between attempts; an engine that stops does not wait for it. */
export function sleep(clock: Clock, delay: number, turn: Running, isStopping: () => boolean): Promise<void> {
  return interruptible(turn, (done) => {
    turn.until = clock.now() + delay
    if (isStopping()) return halt(turn)
    const off = clock.after(delay, () => {
      turn.waits = withoutItem(turn.waits, off)
      turn.until = undefined
      done()
    })
    turn.waits = withItem(turn.waits, off)
  })
}
