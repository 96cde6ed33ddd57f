import type { NumberedEvent } from '../../../src/engine/engine.ts'
import { messageIdOf } from './decision.ts'
import type { Observation } from './look.ts'

/**
 * Observed states and external effects, which must last as long as the actor. A recreated actor is
 * a new one, identified by its first message.
 */
export interface VisibleState {
  /** Records that all these messages have visible effects, in this order. */
  add(actor: string, taken: readonly string[], events?: readonly NumberedEvent[]): void
  /** Records that a turn decided to end this actor. */
  mayEnd(actor: string, taken: readonly string[]): void
  /** Records that any actor with this name may end, or be reset, without a turn that says so. */
  mayForget(actor: string): void
  forgets(actor: string): boolean
  /** The observed data that is missing now. */
  missing(actor: string, now: Observation): readonly string[]
}

type VisibleActor = { taken: readonly string[]; events: readonly NumberedEvent[]; mayEnd: boolean }

export function createVisibleState(): VisibleState {
  const actors = new Map<string, Map<string, VisibleActor>>()
  const forgetful = new Set<string>()

  function known(actor: string, [birth = '']: readonly string[]): VisibleActor {
    const births = actors.get(actor) ?? new Map<string, VisibleActor>()
    actors.set(actor, births)
    const one = births.get(birth) ?? { taken: [], events: [], mayEnd: false }
    births.set(birth, one)
    return one
  }

  return {
    add(actor, taken, events = []) {
      if (taken.length === 0) return
      const one = known(actor, taken)
      if (taken.length > one.taken.length) one.taken = taken
      if (events.length > one.events.length) one.events = events
    },
    mayEnd: (actor, taken) => void (known(actor, taken).mayEnd = true),
    mayForget: (actor) => void forgetful.add(actor),
    forgets: (actor) => forgetful.has(actor) || [...(actors.get(actor)?.values() ?? [])].some(({ mayEnd }) => mayEnd),
    missing(actor, now) {
      if (forgetful.has(actor)) return []
      return [...(actors.get(actor) ?? [])].flatMap(([birth, one]) => {
        if (now.state?.taken[0] === birth) return differences(actor, one, now)
        return one.mayEnd || one.taken.length === 0 ? [] : [`${actor} is not there, though the world knows of it`]
      })
    },
  }
}

function differences(actor: string, { taken, events }: VisibleActor, now: Observation): readonly string[] {
  const lost = taken.find((entry, n) => now.state?.taken[n] !== entry)
  const same = JSON.stringify(now.events.slice(0, events.length)) === JSON.stringify(events)
  return [
    ...(lost === undefined ? [] : [`${actor} has forgotten ${messageIdOf(lost)}, of which the world knows`]),
    ...(same ? [] : [`${actor} has other events than were seen`]),
  ]
}
