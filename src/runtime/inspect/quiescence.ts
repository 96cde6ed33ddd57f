import type { EngineView, NumberedEvent } from '../../engine/engine.ts'
import { inspectOne } from '../../engine/liveness.ts'
import type { ActorIndex, ActorRef } from '../../kernel/types.ts'
import { readWait, type WorkWait } from '../../work/wait.ts'
import { linksOf } from './waits-for.ts'

/**
 * Resolves when a run has ended, or when everything in it waits for
 * signals or money: then no process needs to stay for it.
 */
export async function untilResting(
  view: EngineView,
  run: ActorRef,
  events: AsyncIterable<NumberedEvent>,
): Promise<void> {
  let moving: ReadonlySet<string> = new Set()
  let waits = false
  for await (const { body } of events) {
    const event = body as RunEvent
    if (event.type === 'run-end') return
    moving = movingAfter(moving, event)
    // without a waiting step the run is not checked after each of its steps
    waits ||= event.type === 'signal-wait' || event.type === 'goal-wait'
    if (!waits) continue
    // an event from below does not name the waiting parent step
    const isBelow = event.run !== undefined || event.type === 'goal-wait'
    const mayRest = event.type !== 'step-start' && (moving.size === 0 || isBelow)
    if (mayRest && (await isResting(view, run))) return
  }
}

type RunEvent = { readonly type: string; readonly step?: string; readonly run?: string }

/** The steps that make progress by themselves, as far as events show; for a loop, those of its iterations. */
function movingAfter(moving: ReadonlySet<string>, { type, step = '', run }: RunEvent): ReadonlySet<string> {
  if (type === 'step-start') return new Set(moving).add(step)
  if (!ENDS.includes(type) || run !== undefined) return moving
  const left = new Set(moving)
  left.delete(step)
  return left
}

const ENDS: readonly string[] = ['step-end', 'signal-wait', 'loop-start']

/** Whether a run waits only for signals and money, including its child runs. */
export const isResting = (view: EngineView, run: ActorRef) => waitsOnlyFor(view, run, RESTS)

/** Whether a run and its child runs only wait for a person, a signal, a budget or a timer. */
export const isWaiting = (view: EngineView, run: string) => waitsOnlyFor(view, { kind: 'run', key: run }, WAITS)

type WaitTest = (index: ActorIndex) => boolean
const RESTS: WaitTest = (index) =>
  index.status === 'paused' || isOneOf(['signal', 'budget', 'person', 'code'], readWait(index))
const WAITS: WaitTest = (index) => RESTS(index) || index.until !== undefined || isOneOf(['decision'], readWait(index))

const isOneOf = (types: readonly WorkWait['type'][], wait: WorkWait | undefined) =>
  wait !== undefined && types.includes(wait.type)

async function waitsOnlyFor(view: EngineView, run: ActorRef, what: WaitTest): Promise<boolean> {
  const actor = await inspectOne(view, run)
  if (!actor || actor.turn || actor.mail.some(({ due }) => due === undefined)) return false
  const steps = await linksOf(view)(actor)
  for (const step of steps) if (!(await isAwaited(view, step, what))) return false
  return steps.length > 0
}

async function isAwaited(view: EngineView, of: ActorRef, what: WaitTest): Promise<boolean> {
  const actor = await inspectOne(view, of)
  if (!actor || actor.turn || actor.mail.some(({ due }) => due === undefined)) return false
  const index = actor.cell?.index ?? {}
  const wait = readWait(index)
  if (wait?.type === 'actor' && wait.actor.kind === 'run') return waitsOnlyFor(view, wait.actor, what)
  // the goal that a step asked for, or the one that took over
  if (wait?.type === 'actor' && wait.actor.kind === 'agent') return isAwaited(view, wait.actor, what)
  return what(index)
}
