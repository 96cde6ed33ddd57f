import type { Envelope } from '../../kernel/types.ts'
import type { Clock } from '../engine.ts'

/** Mail that waits for its due time. */
export interface InlineTimers {
  /** Holds a message for `wait` ms, then delivers it. */
  set(envelope: Envelope, wait: number): void
  /** Removes and returns the messages that match. */
  take(pick: (envelope: Envelope) => boolean): readonly Envelope[]
}

export function createInlineTimers(clock: Clock, deliver: (envelope: Envelope) => void): InlineTimers {
  const asleep = new Map<Envelope, () => void>()
  return {
    set(envelope, wait) {
      const wake = () => {
        asleep.delete(envelope)
        deliver(envelope)
      }
      asleep.set(envelope, clock.after(wait, wake))
    },
    take(pick) {
      const taken = [...asleep.keys()].filter(pick)
      for (const envelope of taken) {
        asleep.get(envelope)?.()
        asleep.delete(envelope)
      }
      return taken
    },
  }
}
