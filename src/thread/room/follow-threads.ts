import { type Engine, inspectOne, type NumberedEvent } from '../../engine/engine.ts'
import { is } from '../../errors.ts'
import { threadRef } from '../../house/actors.ts'
import { LOCAL_OWNER, ownerOf } from '../../lib/owner.ts'
import type { Activity } from '../../work/activity.ts'
import { type FollowedWork, followToEnd, hasEnded, readSoFar, type UntilRest } from '../../work/follow.ts'
import { readWait } from '../../work/wait.ts'
import { askIdOf, type ChainEvent, isAtWork, openAsks } from '../protocol/ask-state.ts'
import { phaseRef } from '../protocol/refs.ts'
import { findThread, type ThreadName } from '../protocol/thread-name.ts'
import type { ThreadServing, ThreadsPort } from './port.ts'
import { placeOfAsk, recordOf, threadState } from './records.ts'

export interface ThreadActors {
  readonly askEvents: ThreadsPort['askEvents']
  readonly askEnded: ThreadServing['askEnded']
  /** The events of an ask so far, from where it began or was continued. */
  eventsSoFar(thread: string, id: string): AsyncIterable<NumberedEvent>
  /** Resumes earlier work on a thread. A thread answers in order, so without this no later answer would come. */
  takeUp(thread: string): Promise<void>
  /** Opens a thread by the name that its owner uses, and returns its key. */
  open(thread: ThreadName): Promise<string>
  /**
   * Resolves when an ask has ended, or waits for a decision or for a run at rest: then no process must stay for it.
   * `answered`: its result, if a caller waits for it.
   */
  untilResting(thread: string, ask: string, answered?: Promise<unknown>): Promise<void>
  /**
   * Resolves when the thread has accepted an ask, also if the ask has failed since. Rejects if the thread refuses it.
   * `answered`: its result.
   */
  untilTaken(thread: string, ask: string, answered: Promise<unknown>): Promise<void>
  readonly ownerOfThread: ThreadServing['ownerOfThread']
  /** Notes the owner of a thread that may not exist yet, until the ask is answered. */
  noteAsk(thread: string, owner: string | undefined, answered: Promise<unknown>): void
}

type Parts = {
  readonly engine: Engine
  readonly activity: Activity
  /** goals that answer messages of threads */
  readonly goals: {
    readonly untilRest: UntilRest
    /** Takes up a goal that an earlier process left. */
    goOn(goal: string): Promise<void>
  }
  /** runs of calls that asks wait for */
  readonly untilRunRests: UntilRest
}

export function createThreads({ engine, activity, goals, untilRunRests }: Parts): ThreadActors {
  /** owners of threads whose first ask may still be in flight */
  const begun = new Map<string, string>()

  const followed = (thread: string, id: string): FollowedWork => ({
    of: threadRef(thread),
    isOwn: ({ correlationId, body }) => ((body as ChainEvent).ask ?? askIdOf(thread, correlationId)) === id,
    last: 'ask-end',
    isOver: () => isOver(engine.view, thread, id),
    before: () => lastBefore(thread, id),
  })

  const placeOf = (thread: string, id: string) => placeOfAsk(engine.view.parts, thread, id)
  const stateOf = (thread: string) => threadState(engine.view, thread)

  /** The number of the last event before those of an ask: for an ask in the future, the last event so far. */
  async function lastBefore(thread: string, id: string): Promise<number> {
    // read in this order: an event in between is then counted
    const events = (await inspectOne(engine.view, threadRef(thread)))?.cell?.events ?? 0
    return (await placeOf(thread, id))?.after ?? events
  }

  const askEvents: ThreadActors['askEvents'] = (thread, id, from) =>
    followToEnd(engine.view, followed(thread, id), from)

  async function untilResting(thread: string, id: string, answered?: Promise<unknown>): Promise<void> {
    const over = new AbortController()
    const end = () => over.abort()
    // a refused question has no events
    answered?.then(end, end)
    for await (const { body } of askEvents(thread, id, { signal: over.signal })) {
      const event = body as ChainEvent
      if (event.type === 'decision-wait' && (await waitsForDecision(thread, id))) return
      // the message that it has joined is tracked itself
      if (event.type === 'ask-join') return
      if (event.type === 'ask-wait' && event.run !== undefined && (await untilRunRests(event.run)) === 'resting') return
      if (event.type === 'ask-goal' && (await goals.untilRest(event.goal)) === 'resting') return
    }
  }

  // it may have been decided in the meantime
  async function waitsForDecision(thread: string, id: string): Promise<boolean> {
    const { current } = (await stateOf(thread)) ?? {}
    return current?.id === id && current.proposal !== undefined
  }

  async function untilTaken(thread: string, id: string, answered: Promise<unknown>): Promise<void> {
    const over = new AbortController()
    const first = async () => {
      for await (const _ of askEvents(thread, id, { signal: over.signal })) return
    }
    try {
      await Promise.race([answered, first()])
    } catch (error) {
      const isTaken = (await placeOf(thread, id)) !== undefined
      // an ask that was accepted and has failed has begun nevertheless
      if (!isTaken || (is(error) && error.code === 'id_taken')) throw error
    } finally {
      over.abort()
      // its events report how it ends
      answered.catch(() => {})
    }
  }

  async function takeUp(thread: string): Promise<void> {
    const state = await stateOf(thread)
    for (const { id: left } of state ? openAsks(state) : []) {
      const work = { kind: 'ask', id: left } as const
      if (activity.has(work)) continue
      activity.track(work, untilResting(thread, askIdOf(thread, left)))
      await engine.start({ only: left })
    }
    for (const phase of state?.current?.waiting ?? []) {
      const wait = readWait((await inspectOne(engine.view, phaseRef(thread, phase)))?.cell?.index)
      // the run of its calls
      if (wait?.type === 'actor') await engine.start({ only: wait.actor.key })
    }
    const goal = state?.current?.goal?.key
    if (goal === undefined) return
    await engine.start({ only: goal })
    await goals.goOn(goal)
  }

  async function ownerOfThread(thread: string): Promise<string | undefined> {
    const state = await stateOf(thread)
    return state ? ownerOf(state) : begun.get(thread)
  }

  return {
    askEvents,
    eventsSoFar: (thread, id) => readSoFar(engine.view, followed(thread, id)),
    askEnded: (thread, id, after) => hasEnded(engine.view, followed(thread, id), after),
    takeUp,
    async open(thread) {
      const { key } = await findThread(thread, ownerOfThread)
      await takeUp(key)
      return key
    },
    untilResting,
    untilTaken,
    ownerOfThread,
    noteAsk(thread, owner = LOCAL_OWNER, answered) {
      if (begun.has(thread)) return
      begun.set(thread, owner)
      const forget = () => void begun.delete(thread)
      answered.then(forget, forget)
    },
  }
}

async function isOver(view: Pick<Engine['view'], 'parts'>, thread: string, id: string): Promise<boolean> {
  const { record } = (await recordOf(view.parts, thread, id)) ?? {}
  return record !== undefined && !isAtWork(record)
}
