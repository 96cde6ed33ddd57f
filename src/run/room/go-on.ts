import { budgetRef } from '../../budget/scope.ts'
import { type Engine, inspectOne } from '../../engine/engine.ts'
import { goalRef, KIND, runRef } from '../../house/actors.ts'
import type { Activity } from '../../work/activity.ts'
import { createFollowers, type Rest, type UntilRest } from '../../work/follow.ts'
import { isFinished, peekRun } from '../run.ts'
import type { OpenRequest, RunReading } from './executor.ts'
import type { RunsPort } from './port.ts'
import type { RunRest } from './rest.ts'

export type GoingOnParts = {
  readonly engine: Engine
  readonly activity: Activity
  readonly executor: Pick<RunReading, 'openRequests'>
  readonly untilResting: RunRest['untilResting']
  readonly runEvents: RunsPort['events']
  /** Follows the goal that a run makes calls for. */
  followGoal(goal: string): void
  /** Resumes a thread that asked for a run, or that a step asks. */
  goOnThread(thread: string): Promise<void>
  /** Takes up a goal that a step asked for, and the work below it. */
  goOnGoal(goal: string): Promise<void>
}

/** How runs continue in this process. */
export interface GoingOn {
  readonly untilRest: UntilRest
  /** Tracks a run as work in progress until it has ended or waits. */
  follow(run: string): void
  /** Whether a run with that id is tracked; an id of a question is not. */
  isFollowed(run: string): boolean
  /** Follows a run to its end, and resumes its questions that an earlier process left. */
  goOn(run: string): Promise<void>
  /** Follows the goal that a run makes calls for, and the work above it. */
  goOnAbove(run: string): Promise<void>
  /** Follows the work that waits for a goal: the run whose step asked, or the goal that was handed over, and so on. */
  goOnAboveGoal(goal: string): Promise<void>
}

export function createGoingOn(parts: GoingOnParts): GoingOn {
  const { engine, activity, executor, runEvents, untilResting, followGoal, goOnThread, goOnGoal } = parts
  const { view } = engine
  const { follow, isFollowed } = createFollowers('run', activity.track, untilLeft)
  const stateOf = (id: string) => peekRun(view, id)

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
    if (typeof thread === 'string') await goOnThread(thread)
    if (typeof goal !== 'string') return
    await engine.start({ only: goal })
    followGoal(goal)
    await goOnAboveGoal(goal)
  }

  async function goOnAboveGoal(id: string): Promise<void> {
    const { root, goal } = (await inspectOne(view, goalRef(id)))?.cell?.index ?? {}
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
    await untilResting(id, runEvents(id))
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
    for (const { key } of await view.list(KIND.run, { where: { root: id, status: 'running' } })) {
      await engine.start({ only: key })
      await goOn(key)
    }
  }

  /** Resumes work of an earlier process below an ended run, such as cancelled child runs. */
  async function takeUpEnded(id: string): Promise<void> {
    for (const { key, index } of await view.list(KIND.run, { where: { root: id } }))
      if (index.status !== 'running') await engine.start({ only: key })
    for (const { key } of await view.list(KIND.goal, { where: { root: id } })) await goOnGoal(key)
  }

  /** Resumes asks and child runs of steps. They may still be running, or their answers may be in flight. */
  async function takeUpBelow(id: string): Promise<void> {
    for (const request of await executor.openRequests(id)) {
      await takeUpRequest(request)
      // its timer may belong to other work
      if (request.budget !== undefined) await engine.ask(budgetRef(request.budget), { type: 'period' })
    }
  }

  async function takeUpRequest({ to, work, later }: OpenRequest): Promise<void> {
    if (to?.kind === KIND.thread) await goOnThread(to.key)
    for (const only of [work, later]) if (only !== undefined) await engine.start({ only })
    if (work !== undefined && to?.kind === KIND.goal) await goOnGoal(work)
    // shared counters of steps live in a parent run, which is not their child
    if (work !== undefined && to?.kind === KIND.run) await takeUpBelow(to.key)
  }

  return { follow, isFollowed, goOn, goOnAbove, goOnAboveGoal, untilRest }
}
