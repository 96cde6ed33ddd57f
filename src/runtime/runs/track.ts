import { budgetRef } from '../../budget/scope.ts'
import type { Engine, EngineView } from '../../engine/engine.ts'
import { inspectOne } from '../../engine/liveness.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { runRef, stepRef } from '../../pipeline/plan/refs.ts'
import { isFinished, type RunState } from '../../pipeline/plan/run-state.ts'
import { readStepParts } from '../../pipeline/report/step-parts.ts'
import type { AwaitingCallback, StepState } from '../../pipeline/step/step-state.ts'
import type { ThreadActors } from '../../thread/room/follow-threads.ts'
import type { Activity } from '../../work/activity.ts'
import { createFollowers, type Rest, type UntilRest } from '../../work/follow.ts'
import { untilResting } from '../inspect/quiescence.ts'
import type { RunsPort } from '../ports/runs.ts'

type Parts = {
  readonly engine: Engine
  readonly activity: Activity
  readonly threads: ThreadActors
  readonly runEvents: RunsPort['events']
  /** Follows the goal that a run makes calls for. */
  followGoal(goal: string): void
  /** Takes up a goal that a step asked for, and the work below it. */
  goOnGoal(goal: string): Promise<void>
}

/** How runs continue in this process. */
export interface GoingOn {
  /** Waits until a run is at rest. */
  readonly untilRest: UntilRest
  /** Tracks a run as work in progress until it has ended or waits. */
  follow(run: string): void
  /** Whether a run with that id is tracked; an id of a question is not. */
  isFollowed(run: string): boolean
  /** Follows a run to its end, and resumes its questions that an earlier process left. */
  goOn(run: string): Promise<void>
  /** Follows the goal that a run makes calls for, and the work above it. */
  goOnAbove(run: string): Promise<void>
  /**
   * Follows the work that waits for a goal: the run whose step asked
   * for it, or the goal that was handed over, and so on.
   */
  goOnAboveGoal(goal: string): Promise<void>
}

export function createGoingOn({ engine, activity, threads, runEvents, followGoal, goOnGoal }: Parts): GoingOn {
  const { view } = engine
  const { follow, isFollowed } = createFollowers(activity.track, untilLeft)
  const stateOf = async (id: string) => (await view.peek(runRef(id))) as RunState | undefined

  async function goOn(id: string): Promise<void> {
    const state = await stateOf(id)
    if (state) await goOnAbove(id)
    if (state && isFinished(state)) {
      await takeUpEnded(id)
      return takeUpLeft(id)
    }
    follow(id)
    if (state) await takeUpBelow(id)
  }

  /** The goal or the ask that waits for a run goes on when it has ended, and so does the work above it. */
  async function goOnAbove(id: string): Promise<void> {
    const { goal, thread } = id.includes('.') ? ((await inspectOne(view, runRef(id)))?.cell?.index ?? {}) : {}
    if (typeof thread === 'string') await threads.takeUp(thread)
    if (typeof goal !== 'string') return
    await engine.start({ only: goal })
    followGoal(goal)
    await goOnAboveGoal(goal)
  }

  async function goOnAboveGoal(id: string): Promise<void> {
    const { root, goal } = (await inspectOne(view, { kind: 'agent', key: id }))?.cell?.index ?? {}
    if (typeof goal === 'string') {
      await engine.start({ only: goal })
      followGoal(goal)
      await goOnAboveGoal(goal)
    }
    if (typeof root !== 'string') return
    await engine.start({ only: root })
    follow(root)
    await goOnAbove(root)
  }

  async function untilRest(id: string): Promise<Rest> {
    await untilResting(view, runRef(id), runEvents(id))
    const state = await stateOf(id)
    return state && isFinished(state) ? 'over' : 'resting'
  }

  async function untilLeft(id: string): Promise<Rest> {
    const rest = await untilRest(id)
    if (rest === 'over') await takeUpLeft(id)
    return rest
  }

  /** Child runs that a run started without waiting continue when it has ended. */
  async function takeUpLeft(id: string): Promise<void> {
    for (const { key } of await view.list('run', { where: { root: id, status: 'running' } })) {
      await engine.start({ only: key })
      await goOn(key)
    }
  }

  /** Resumes work of an earlier process below an ended run, such as cancelled child runs. */
  async function takeUpEnded(id: string): Promise<void> {
    for (const { key, index } of await view.list('run', { where: { root: id } }))
      if (index.status !== 'running') await engine.start({ only: key })
    for (const { key } of await view.list('agent', { where: { root: id } })) await goOnGoal(key)
  }

  /** Resumes asks and child runs of steps. They may still be running, or their answers may be in flight. */
  async function takeUpBelow(id: string): Promise<void> {
    for (const { awaiting, suspended } of await openSteps(view, id)) {
      if (awaiting) await takeUpQuestion(awaiting)
      // its timer may belong to other work
      if (suspended?.budgetWait) await engine.ask(budgetRef(suspended.budgetWait.scope), { type: 'period' })
    }
  }

  async function takeUpQuestion({ question: { to, work }, later }: AwaitingCallback): Promise<void> {
    if ('kind' in to && to.kind === 'chain') await threads.takeUp(to.key)
    for (const only of [work, later]) if (only !== undefined) await engine.start({ only })
    if (work !== undefined && 'kind' in to && to.kind === 'agent') await goOnGoal(work)
    // shared counters of steps live in a parent run, which is not their child
    if (work !== undefined && 'kind' in to && to.kind === 'run') await takeUpBelow(to.key)
  }

  return { follow, isFollowed, goOn, goOnAbove, goOnAboveGoal, untilRest }
}

/** The active steps of a run. */
async function openSteps(view: EngineView, id: string): Promise<readonly StepState[]> {
  const steps: StepState[] = []
  for await (const [name, { status }] of readStepParts(view.parts, id)) {
    if (status !== 'running') continue
    const step = (await view.peek(stepRef(id, name))) as StepState | undefined
    if (step) steps.push(step)
  }
  return steps
}

/** ms to wait for a message to create its actor. */
const BEGIN_TIMEOUT_MS = 5_000

/** Whether an actor exists. If its first message is on its way, from whatever node, this waits for its first event. */
export async function hasBegun(view: EngineView, of: ActorRef): Promise<boolean> {
  const isThere = async () => (await view.peek(of)) !== undefined
  if (await isThere()) return true
  if (await isOnItsWay(view, of))
    for await (const _ of view.events(of, { signal: AbortSignal.timeout(BEGIN_TIMEOUT_MS) })) return true
  // it may have begun between the two checks
  return isThere()
}

/** Work of an earlier process is loaded only on demand, and a timer when it is due. */
async function isOnItsWay(view: EngineView, of: ActorRef): Promise<boolean> {
  const { turn, mail = [] } = (await inspectOne(view, of)) ?? {}
  return turn !== undefined || mail.some(({ due, held }) => due === undefined && !held)
}
