import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import type { AgentDefinition } from '../../agent/definition/definition.ts'
import { forkMessage } from '../../agent/goal/start/fork-message.ts'
import { checkGoal, checkOrder } from '../../agent/goal/start/request.ts'
import { passedDown, startMessage } from '../../agent/goal/start/start-message.ts'
import { definitionOfStep } from '../../agent/goal/start/step-agent.ts'
import { type GoalStart, goalMessage } from '../../agent/protocol/messages.ts'
import {
  endsByItself,
  type GoalState,
  goalRef,
  isAtWork,
  isDone,
  isOver,
  peekGoal,
} from '../../agent/protocol/state.ts'
import { listGoals, readGoal } from '../../agent/room/read-goal.ts'
import type { Engine } from '../../engine/engine.ts'
import { type Json, parse } from '../../kernel/schema.ts'
import type { ActorIndex } from '../../kernel/types.ts'
import { LOCAL_OWNER, ownerField, ownerOf } from '../../lib/owner.ts'
import type { Blobs } from '../../store/blobs/blobs.ts'
import { contextOf, type WorkFor } from '../../tool/agents/call-for.ts'
import { type OrderGoal, pathTo } from '../../tool/agents/goal-origin.ts'
import { budgetRef } from '../../work/budget/scope.ts'
import {
  createFollowers,
  type FollowedWork,
  followToEnd,
  hasEnded,
  type Rest,
  type UntilRest,
} from '../../work/follow.ts'
import type { Activity } from '../activity/activity.ts'
import type { Admit } from '../activity/admission.ts'
import { rejectChildId, rejectParentId } from '../activity/child-ids.ts'
import { noCallInDoubt } from '../inbox/not-in-doubt.ts'
import { awaitedSince } from '../inspect/awaited-since.ts'
import type { Compiler } from '../pipelines/compiler.ts'
import type { GoalRequest, GoalsPort } from '../ports/goals.ts'
import type { ServingPort } from '../ports/serving.ts'
import { hasBegun } from '../runs/track.ts'
import type { ProjectAgents } from './code-agents.ts'
import { contextForGoal } from './goal-context.ts'
import { goalOver, noGoal } from './goal-errors.ts'
import { checkTaken, isSameBegun } from './same-goal.ts'
import { storePlaybooks } from './store-playbooks.ts'
import type { ReadAgent } from './stored-agents.ts'

type Parts = {
  readonly engine: Engine
  readonly values: Blobs
  readonly activity: Activity
  readonly admit: Admit
  /** Why new goals wait; empty: they need not. */
  whyDegraded(): Promise<string>
  readonly compiler: Compiler
  /** the project folder, which playbooks lie in */
  readonly folder: string
  /** The definition of an agent for a goal with that text. */
  readonly readAgent: ReadAgent
  readonly fitContext: ProjectAgents['fitContext']
  /** Closes files to changes by calls of models: goals follow them. */
  closeFiles(paths: readonly string[]): void
  readonly runs: {
    /** Takes up what an earlier process left of a run. */
    goOn(run: string): Promise<void>
    /** Follows the work that waits for a goal. */
    goOnAboveGoal(goal: string): Promise<void>
    /** Waits until a run is at rest. */
    readonly untilRest: UntilRest
    readonly settle: GoalsPort['settle']
  }
}

/** The goals of a runtime. `follow` lists a goal as under way while it works. */
export type OpenGoals = {
  readonly port: GoalsPort
  readonly orderGoal: OrderGoal
  /** The first message of a goal, and its definition stored. */
  prepare(request: GoalRequest, granted?: readonly string[]): Promise<GoalStart>
  readonly untilRest: UntilRest
  readonly serving: Pick<ServingPort, 'ownerOfGoal' | 'goalEnded'>
  follow(id: string): void
  /** Takes up a goal that an earlier process left, and the work below it. */
  goOn(id: string): Promise<void>
}

/** Opens the goals of a runtime. */
export function createGoals(parts: Parts): OpenGoals {
  const { engine, values, activity, admit, whyDegraded, compiler, folder, readAgent, fitContext, closeFiles, runs } =
    parts
  const { view } = engine
  // a goal is shown although its definition is damaged
  const reader = { ...view, awaitedSince: (index: ActorIndex) => awaitedSince(view, index) }
  const definitionOf = async (hash: string) => (await values.get(hash).catch(() => ({}))) as Partial<AgentDefinition>
  const stateOf = (id: string) => peekGoal(view, id)

  const followed = (id: string): FollowedWork => ({
    of: goalRef(id),
    last: 'goal-end',
    isOver: async () => isOverOrGone(await stateOf(id)),
  })

  const events: GoalsPort['events'] = (id, from) =>
    followToEnd(view, followed(id), from) as ReturnType<GoalsPort['events']>

  const { follow } = createFollowers(activity.track, untilRest)

  async function untilRest(id: string): Promise<Rest> {
    for await (const { body } of events(id)) {
      const state = await stateOf(id)
      if (!state || !goesOn(state)) break
      const { run, handedTo } = state
      // a person may take months to approve a call: then no process needs to stay
      if (handedTo && (await untilRest(handedTo.goal)) === 'resting') return 'resting'
      if (run === undefined || (body as { readonly type: string }).type === 'round-end') continue
      if ((await runs.untilRest(run)) === 'resting') return 'resting'
    }
    if (!isOverOrGone(await stateOf(id))) return 'resting'
    return 'over'
  }

  async function goOn(id: string): Promise<void> {
    const state = await stateOf(id)
    if (state && isOver(state)) return
    if (state?.wait?.type === 'money') await engine.ask(budgetRef(state.wait.scope), { type: 'period' })
    if (state?.run !== undefined) {
      await engine.start({ only: state.run })
      await runs.goOn(state.run)
    }
    if (state?.handedTo) {
      await engine.start({ only: state.handedTo.goal })
      await goOn(state.handedTo.goal)
    }
    if (!state || goesOn(state)) follow(id)
  }

  async function open(id: string): Promise<GoalState> {
    await engine.start({ only: id })
    if (!(await hasBegun(view, goalRef(id)))) throw noGoal(id)
    return (await stateOf(id))!
  }

  /** Like `open`, but the goal has not ended. */
  async function openAtWork(id: string): Promise<GoalState> {
    const state = await open(id)
    if (isOver(state)) throw goalOver(id, state)
    return state
  }

  /** Sends a message to a goal that has begun, and takes up its work. */
  async function send(id: string, body: Json): Promise<void> {
    await engine.ask(goalRef(id), body, { correlationId: id })
    await goOn(id)
    await runs.goOnAboveGoal(id)
  }

  /** A goal whose first message was acknowledged a moment ago has no state yet. */
  async function checkFree(id: string): Promise<void> {
    if ((await view.asked(id)) !== undefined) return
    await rejectChildId(view, id)
    await rejectParentId(view, id)
  }

  async function firstMessage(request: GoalRequest, granted?: readonly string[], above?: WorkFor): Promise<GoalStart> {
    const { context, ...given } = await contextForGoal(request, above, { values, fitContext })
    const agent = await readAgent(request.agent, request.goal, { ...ownerField(request.owner), context })
    if (agent.playbook !== undefined) closeFiles([resolve(folder, agent.playbook)])
    const playbooks = await storePlaybooks(agent, { compiler, values, folder })
    const hold = await whyDegraded()
    return startMessage(values, agent, { ...request, ...given, playbooks, hold, ...(granted && { granted }) })
  }

  const orderGoal: OrderGoal = async ({ agent, goal, parent, origin }) => {
    const path = pathTo(agent, origin.ancestry)
    const isOfStep = typeof agent !== 'string'
    checkOrder(agent, goal)
    return {
      ...(await firstMessage(
        { agent: isOfStep ? definitionOfStep(agent, origin) : agent, goal, ...ownerField(origin.owner) },
        origin.granted,
        origin.workFor ?? {},
      )),
      ...passedDown(origin, parent, path),
      ...(isOfStep && { ofStep: true, ...(origin.foreign && { foreign: true }) }),
    }
  }

  const port: GoalsPort = {
    tools: (agent, { owner } = {}) =>
      readAgent(agent, undefined, ownerField(owner)).then(({ name, tools }) => ({ agent: name, tools })),
    async start(request) {
      const { id = `goal_${randomUUID()}`, owner = LOCAL_OWNER } = request
      checkGoal(request)
      const asked = { id, owner, goal: request.goal }
      if (await isSameBegun(view, asked)) await engine.start({ only: id })
      else {
        if (request.id !== undefined) await checkFree(id)
        const first = await firstMessage(request)
        await parse(goalMessage, first, 'options')
        await admit(owner)
        await engine.tell(goalRef(id), first, { id, correlationId: id })
        if (request.id !== undefined) await checkTaken(view, asked)
      }
      await goOn(id)
      return { id }
    },
    list: (query = {}) => listGoals(reader, query),
    async get(id) {
      const found = (await hasBegun(view, goalRef(id)))
        ? await readGoal(reader, id, { definitionOf, contextOf: (workFor) => contextOf(values, workFor) })
        : undefined
      if (!found) throw noGoal(id)
      return found
    },
    events,
    async tell(id, text) {
      await openAtWork(id)
      await send(id, { type: 'tell', text })
    },
    async pause(id) {
      await openAtWork(id)
      await send(id, { type: 'pause' })
    },
    async resume(id, { more, text } = {}) {
      const state = await openAtWork(id)
      // a goal that works only has to be taken up
      const needsMessage = !goesOn(state) || endsByItself(state.wait) || more !== undefined || text !== undefined
      if (!needsMessage) return goOn(id)
      await send(id, { type: 'resume', ...(more && { more }), ...(text !== undefined && { text }) })
    },
    async fork(of, request = {}) {
      const { id = `goal_${randomUUID()}` } = request
      const first = await forkMessage({ readParts: view.parts, values }, of, await open(of), request)
      const asked = { id, owner: ownerOf(first), goal: first.goal }
      if (!(await isSameBegun(view, asked))) {
        await admit(ownerOf(first))
        await engine.ask(goalRef(id), first as Json, { id, correlationId: id })
        if (request.id !== undefined) await checkTaken(view, asked)
      }
      await goOn(id)
      return { id }
    },
    async settle(id, call, ...given) {
      const { run } = await openAtWork(id)
      return run === undefined ? Promise.reject(noCallInDoubt(id, call)) : runs.settle(run, call, ...given)
    },
    async cancel(id, reason) {
      const state = await open(id)
      if (isDone(state)) throw goalOver(id, state)
      if (state.run !== undefined) await engine.start({ only: state.run })
      if (state.handedTo) await engine.start({ only: state.handedTo.goal })
      await engine.cancel(goalRef(id), id, reason)
      await goOn(id)
      // a cancelled goal is over before its run has cancelled its own steps
      if (state.run !== undefined) await runs.goOn(state.run)
      await runs.goOnAboveGoal(id)
    },
    async rate(id, rating) {
      await open(id)
      // work of its own: a goal that was cancelled takes no more messages of its work
      await engine.ask(goalRef(id), { type: 'rate', rating }, { correlationId: `${id}.rate` })
    },
  }
  const serving: OpenGoals['serving'] = {
    async ownerOfGoal(id) {
      const state = (await hasBegun(view, goalRef(id))) ? await stateOf(id) : undefined
      return state && ownerOf(state)
    },
    goalEnded: (id, after) => hasEnded(view, followed(id), after),
  }
  return { port, orderGoal, prepare: firstMessage, untilRest, serving, follow, goOn }
}

/** A goal that waits for the health of the process, or for its provider, continues by itself. */
const goesOn = (state: GoalState) => isAtWork(state) || endsByItself(state.wait)
const isOverOrGone = (state: GoalState | undefined) => state !== undefined && isOver(state)
