import { type EngineView, inspectOne, type NumberedEvent } from '../../engine/engine.ts'
import type { WaitsFor } from '../../engine/liveness.ts'
import { KIND, runRef, stepRef } from '../../house/actors.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { ActorIndex, ActorRef } from '../../kernel/types.ts'
import { IN_INBOX, readWait, type WorkWait } from '../../work/wait.ts'

/** Whether runs rest: nothing in them continues by itself. */
export interface RunRest {
  /** Resolves when a run has ended, or all in it waits for signals or money: then no process needs to stay for it. */
  untilResting(run: string, events: AsyncIterable<NumberedEvent>): Promise<void>
  /** Whether a run waits only for signals and money, including its child runs. */
  isResting(run: string): Promise<boolean>
  /** Whether a run and its child runs only wait for a person, a signal, a budget or a timer. */
  isWaiting(run: string, note?: NoteRead): Promise<boolean>
  /** The index of the step that has waited longest, if the run of a goal waits for a person or for its code. */
  awaitingStep(goal: ActorIndex): Promise<ActorIndex | undefined>
  /** Since when the run of a goal waits for a person, or for its code; undefined: it does not. */
  awaitedSince(goal: ActorIndex): Promise<number | undefined>
}

/** Is told each actor before it is read, and then when its mail is due. */
type NoteRead = (actor: string, due?: number) => void

/** Reads whether runs rest, by the actors that they wait for: their steps, and the goals and threads that these ask. */
export function createRest(view: EngineView, waitsFor: WaitsFor): RunRest {
  const isResting = (run: string) => waitsOnlyFor(runRef(run), RESTS)
  const isWaiting = (run: string, note?: NoteRead) => waitsOnlyFor(runRef(run), WAITS, note)

  async function waitsOnlyFor(
    of: ActorRef,
    what: WaitTest,
    note?: NoteRead,
    above: readonly string[] = [],
  ): Promise<boolean> {
    note?.(nameOf(of))
    const actor = await inspectOne(view, of)
    for (const { due } of actor?.mail ?? []) note?.(nameOf(of), due)
    if (!actor || actor.turn || actor.mail.some(({ due }) => due === undefined)) return false
    const index = actor.cell?.index ?? {}
    // it waits for its time, or for other runs of its key
    if (index.later !== undefined) return what === WAITS
    const others = await waitsFor(actor)
    // the last one of the chain says what it waits for
    if (others.length === 0) return what(index)
    const path = [...above, nameOf(of)]
    for (const other of others)
      if (!path.includes(nameOf(other)) && !(await waitsOnlyFor(other, what, note, path))) return false
    return true
  }

  async function awaitingStep(goal: ActorIndex): Promise<ActorIndex | undefined> {
    const wait = readWait(goal)
    if (goal.status !== 'running' || wait?.type !== 'actor' || wait.actor.kind !== KIND.run) return undefined
    const { key: run } = wait.actor
    if (!(await isWaiting(run))) return undefined
    // by the names of its steps: others may wait longer
    const steps = await view.list(KIND.step, { where: { ...IN_INBOX, run }, prefix: stepRef(run, '').key })
    return steps.map(({ index }) => index).toSorted((a, b) => Number(a.since) - Number(b.since))[0]
  }

  return {
    isResting,
    isWaiting,
    awaitingStep,
    async awaitedSince(goal) {
      const step = await awaitingStep(goal)
      return step && Number(step.since)
    },
    async untilResting(run, events) {
      const moving = new Set<string>()
      let waits = false
      for await (const { body } of events) {
        const event = body as RunEvent
        if (event.type === 'run-end') return
        follow(moving, event)
        // without a waiting step the run is not checked after each of its steps
        waits ||= ['signal-wait', 'goal-wait', 'workflow-stop', 'code-wait'].includes(event.type)
        if (!waits) continue
        // an event from below does not name the waiting parent step
        const isBelow = event.run !== undefined || event.type === 'goal-wait'
        const mayRest = event.type !== 'step-start' && (moving.size === 0 || isBelow)
        if (mayRest && (await isResting(run))) return
      }
    },
  }
}

type RunEvent = { readonly type: string; readonly step?: string; readonly run?: string }

/** Keeps the steps that make progress by themselves, as far as events show; for a loop, those of its iterations. */
function follow(moving: Set<string>, { type, step = '', run }: RunEvent): void {
  if (type === 'step-start') moving.add(step)
  else if (ENDS.includes(type) && run === undefined) moving.delete(step)
}

const ENDS: readonly string[] = ['step-end', 'signal-wait', 'loop-start']

type WaitTest = (index: ActorIndex) => boolean
const RESTS: WaitTest = (index) =>
  index.status === 'paused' || isOneOf(['signal', 'budget', 'person', 'code'], readWait(index))
const WAITS: WaitTest = (index) => RESTS(index) || index.until !== undefined || isOneOf(['decision'], readWait(index))

/** Whether a step waits for a person, a signal, money, code or a time, and for no other actor. */
export function waitsByItself(index: ActorIndex): boolean {
  const wait = readWait(index)
  return wait?.type !== 'actor' && (index.until !== undefined || isOneOf(BY_ITSELF, wait))
}
const BY_ITSELF = ['signal', 'budget', 'person', 'code', 'decision'] as const

const isOneOf = (types: readonly WorkWait['type'][], wait: WorkWait | undefined) =>
  wait !== undefined && types.includes(wait.type)
