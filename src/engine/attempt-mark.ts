import type { AttemptMark } from '../kernel/attempt/mark.ts'
import type { EffectOutcome } from '../kernel/types.ts'
import { interruptible, type StartWork } from './interrupt.ts'
import { appended, type RunningTurn } from './mailbox.ts'

type MarkServices = {
  readonly turn: RunningTurn
  /** the outcomes of the turn's message */
  readonly outcomes: ReadonlyMap<string, EffectOutcome> | undefined
  now(): number
  record(key: string, outcome: EffectOutcome): void
  /** ends when everything recorded so far is on disk */
  readonly whenKept: StartWork<void>
}

const ENDED_IN_ORDER: EffectOutcome = { value: 'ended' }

/**
 * The mark of an attempt, which is on disk before the work begins. A turn that is interrupted, as by a normal stop of
 * the process, takes its mark back: only a kill leaves it.
 */
export function attemptMark(name: string, { turn, outcomes, now, record, whenKept }: MarkServices): AttemptMark {
  const key = `${name}#begin`
  const known = outcomes?.get(key)
  let begun: Promise<void> | undefined
  const begin: StartWork<void> = (done, fail) => {
    record(key, { value: null, began: now() })
    turn.waits = appended(turn.waits, () => record(key, ENDED_IN_ORDER))
    whenKept(done, fail)
  }
  return {
    isLeft: known !== undefined && 'value' in known && known.value === null,
    ...(known?.began !== undefined && { began: known.began }),
    begin() {
      begun ??= interruptible(turn, begin)
      return begun
    },
  }
}
