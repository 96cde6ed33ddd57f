/**
 * Threads: an actor that takes questions, called asks, and answers them one at a time, in the order of their arrival.
 * An ask of a conversation is a message. The thread keeps the order, the history, the consents of its user and the
 * records; an `Answerer` does the work: the six phases of `chain/`, or the goals of `agent/`.
 */

import { KIND } from '../house/actors.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor } from '../kernel/types.ts'
import { acceptAsk, beginNextAsk } from './actor/accept.ts'
import { cancelAsks } from './actor/cancel.ts'
import { applyConsent } from './actor/consent.ts'
import { expireThread, markRemoved, nameThread, openThread, removeThread } from './actor/lifecycle.ts'
import type { Answerer, Answerers, ThreadLimits } from './answerer.ts'
import type { ThreadState } from './protocol/ask-state.ts'
import { type ThreadInput, threadInput } from './protocol/messages.ts'

export function threadActor(answerers: Answerers, limits: ThreadLimits): Actor<ThreadState, ThreadInput> {
  const all: readonly Answerer[] = [answerers.phases, answerers.goals]
  const firstOf = <T>(turnOf: (answerer: Answerer) => T | undefined) => {
    for (const answerer of all) {
      const turn = turnOf(answerer)
      if (turn) return turn
    }
    return {}
  }
  return defineActor<ThreadState, ThreadInput>({
    kind: KIND.thread,
    message: threadInput,
    initial: () => ({ asks: 0, current: null, queue: [], remembered: [] }),
    receive(state, message, effects) {
      switch (message.type) {
        case 'ask':
          return acceptAsk(state, message, effects, { answerers, limits })
        case 'open':
          return openThread(state, message, effects)
        case 'name':
          return nameThread(state, message, effects)
        case 'remove':
          return removeThread(state, effects, all)
        case 'removed':
          return markRemoved(state, message, effects)
        case 'consent':
          return applyConsent(state, message, effects)
        case 'next':
          return beginNextAsk(state, effects, answerers)
        case 'expire':
          return expireThread(state, effects, all)
        default:
          return firstOf((answerer) => answerer.receive(state, message, effects))
      }
    },
    notice(state, notice, effects) {
      if (notice.type === 'cancelled') return cancelAsks(state, notice.reason, effects, answerers)
      if (notice.type !== 'error') return {}
      return firstOf((answerer) => answerer.fail(state, notice.problem, effects))
    },
  })
}
