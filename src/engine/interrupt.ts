import { interruptionError, isInterruption } from '../kernel/faults.ts'
import type { EffectOutcome } from '../kernel/types.ts'
import type { Clock } from './engine.ts'
import { appended, type RunningTurn, removed } from './mailbox.ts'

/** Swallows the error of an interrupted turn, which commits nothing. Rethrows any other error. */
export function ignoreInterruption(error: unknown): undefined {
  if (!isInterruption(error)) throw error
}

/** Interrupts a turn: rejects its pending waits and aborts its signal. */
export function haltTurn(turn: RunningTurn): void {
  if (turn.halted) return
  turn.halted = true
  turn.controller.abort()
  for (const end of turn.waits) end()
}

/** Starts work of a turn. The work ends by calling one of the two callbacks. */
export type StartWork<T> = (done: (value: T) => void, fail: (error: unknown) => void) => void

/** Runs work of a turn. A halt rejects at once, without waiting; `late` is called if the work completes later. */
export function interruptible<T>(turn: RunningTurn, begin: StartWork<T>, late?: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      turn.interrupted = true
      reject(interruptionError('the turn was interrupted'))
    }
    if (turn.halted) return end()
    turn.waits = appended(turn.waits, end)
    begin(
      (value) => {
        turn.waits = removed(turn.waits, end)
        if (turn.halted) late?.()
        resolve(value)
      },
      (error) => {
        turn.waits = removed(turn.waits, end)
        reject(error)
      },
    )
  })
}

type Act = {
  readonly key: string
  readonly clock: Clock
  readonly act: () => Promise<EffectOutcome>
  readonly record: (key: string, outcome: EffectOutcome) => void
}

/** Starts an effect of a turn and lists it as running. Its outcome is recorded unless the turn has ended by then. */
export function startEffect(turn: RunningTurn, { key, clock, act, record }: Act): StartWork<EffectOutcome> {
  return (done, fail) => {
    // the turn ended while the effect waited for the disk, so the effect must not begin
    if (turn.halted) return
    const effect = { key, since: clock.now() }
    turn.effects = appended(turn.effects, effect)
    act().then((outcome) => {
      turn.effects = removed(turn.effects, effect)
      if (!turn.halted) record(key, outcome)
      done(outcome)
    }, fail)
  }
}

/** Pauses between attempts. An engine that stops does not wait for the pause. */
export function sleep(clock: Clock, delay: number, turn: RunningTurn, isStopping: () => boolean): Promise<void> {
  return interruptible(turn, (done) => {
    turn.until = clock.now() + delay
    if (isStopping()) return haltTurn(turn)
    const off = clock.after(delay, () => {
      turn.waits = removed(turn.waits, off)
      turn.until = undefined
      done()
    })
    turn.waits = appended(turn.waits, off)
  })
}
