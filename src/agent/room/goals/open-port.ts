import { randomUUID } from 'node:crypto'
import type { Clock, Engine } from '../../../engine/engine.ts'
import { goalRef, runRef } from '../../../house/actors.ts'
import { callerOf } from '../../../house/request-caller.ts'
import { nameOf } from '../../../kernel/ref.ts'
import { type Json, parse } from '../../../kernel/schema.ts'
import { LOCAL_OWNER, ownerField, ownerOf } from '../../../lib/owner.ts'
import { startTerms } from '../../../run/later/terms.ts'
import { enterQueue } from '../../../run/room/later.ts'
import type { RunRest } from '../../../run/room/rest.ts'
import { rejectChildId, rejectParentId } from '../../../run/room/start-ids.ts'
import type { Admit } from '../../../work/activity.ts'
import { hasBegun } from '../../../work/follow.ts'
import { contextOf } from '../../../work/origin/call-for.ts'
import type { OrderGoal } from '../../../work/origin/goal-origin.ts'
import { isAgentName } from '../../definition/agent-name.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import { forkMessage } from '../../goal/start/fork-message.ts'
import { checkGoal } from '../../goal/start/request.ts'
import { type GoalStart, goalMessage } from '../../protocol/messages.ts'
import { type Ended, type GoalState, isDone, isOver, peekGoal } from '../../protocol/state.ts'
import { endsByItself } from '../../protocol/stored-goal.ts'
import type { AdoptCode } from '../code/adopt-code.ts'
import { neededCodes } from '../code/needed-code.ts'
import { type Looking, untilRecorded } from '../conversation/until-recorded.ts'
import { FILES_ALONE, namedFiles, resolveFiles, type StoredFiles, withPaths } from '../message-files.ts'
import { goalOver, noCallInDoubt, noGoal } from './errors.ts'
import { createFirstMessages, type FirstMessage, type FirstMessageParts } from './first-message.ts'
import { createGoalFollower, type GoalFollower, type GoalFollowerParts, goesOn } from './follow-goals.ts'
import type { GoalServing, GoalsPort } from './port.ts'
import { listGoals, readGoal } from './read-goal.ts'
import { type RequestServices, readRequest } from './read-request.ts'
import { type AskedGoal, checkTaken, isSame, isSameBegun } from './same-goal.ts'

type Parts = FirstMessageParts &
  GoalFollowerParts & {
    readonly admit: Admit
    readonly clock: Pick<Clock, 'now'>
    files(): StoredFiles
    readonly adoption: AdoptCode
    readonly services: RequestServices
    readonly rest: Pick<RunRest, 'awaitedSince'>
    readonly runs: {
      /** Follows the work that waits for a goal. */
      goOnAboveGoal(goal: string): Promise<void>
      readonly settle: GoalsPort['settle']
    }
  }

/** The goals of a runtime. While `follow` runs, it lists the goal as running. */
type OpenGoals = Pick<GoalFollower, 'untilRest' | 'follow' | 'goOn'> & {
  readonly port: GoalsPort
  readonly orderGoal: OrderGoal
  /** The first message of a goal, and its definition stored. */
  readonly prepare: FirstMessage
  readonly serving: GoalServing
}

export function createGoals(parts: Parts): OpenGoals {
  const { engine, values, readAgent } = parts
  const { view } = engine
  const { firstMessage, orderGoal } = createFirstMessages(parts)
  const { events, untilRest, follow, goOn, goalEnded } = createGoalFollower(parts)
  const open = goalOpener(engine)
  // a goal is shown although its definition is damaged
  const reader = { ...view, awaitedSince: parts.rest.awaitedSince }
  const definitionOf = async (hash: string) => (await values.get(hash).catch(() => ({}))) as Partial<AgentDefinition>

  const port: GoalsPort = {
    tools: (agent, { owner } = {}) =>
      readAgent(agent, undefined, ownerField(owner)).then(({ name, tools }) => ({ agent: name, tools })),
    ...beginnings({ ...parts, firstMessage, open, goOn }),
    list: (query = {}) => listGoals(reader, query),
    async get(id) {
      const found = (await hasBegun(view, goalRef(id)))
        ? await readGoal(reader, id, { definitionOf, contextOf: (workFor) => contextOf(values, workFor) })
        : undefined
      if (!found) throw noGoal(id)
      return found
    },
    async round(goal, round) {
      if (!(await hasBegun(view, goalRef(goal)))) throw noGoal(goal)
      return readRequest(view, parts.services, goal, round)
    },
    events,
    ...changes({ engine, runs: parts.runs, open, goOn }),
    async adopt({ goal, ...which } = {}) {
      if (goal === undefined) return parts.adoption.all(which)
      if (ownerOf(await open(goal)) !== (which.owner ?? ownerOf(await open(goal)))) throw noGoal(goal)
      return parts.adoption.one(goal)
    },
    code: (query) => neededCodes(view, values, query),
  }
  const serving: OpenGoals['serving'] = {
    async ownerOfGoal(id) {
      const state = (await hasBegun(view, goalRef(id))) ? await peekGoal(view, id) : undefined
      return state && ownerOf(state)
    },
    goalEnded,
  }
  return { port, orderGoal, prepare: firstMessage, untilRest, serving, follow, goOn }
}

/** Resolves with the state of a goal that has begun. */
type OpenGoal = (id: string) => Promise<GoalState>

function goalOpener(engine: Engine): OpenGoal {
  const { view } = engine
  return async (id) => {
    await engine.start({ only: id })
    if (!(await hasBegun(view, goalRef(id)))) throw noGoal(id)
    return (await peekGoal(view, id))!
  }
}

const nameOfAgent = (agent: unknown) => (typeof agent === 'string' && isAgentName(agent) ? agent : undefined)

/** The open goal of a key. */
type Joined = { readonly id: string; readonly joined: true }

/** How a goal begins: by a request, or as the fork of another goal. */
function beginnings({
  engine,
  values,
  admit,
  clock,
  files,
  firstMessage,
  open,
  goOn,
}: Pick<Parts, 'engine' | 'values' | 'admit' | 'clock' | 'files'> & {
  readonly firstMessage: FirstMessage
  readonly open: OpenGoal
  readonly goOn: OpenGoals['goOn']
}): Pick<GoalsPort, 'start' | 'fork'> {
  const { view } = engine
  const askActor: Looking['askActor'] = (to, body, correlationId) => engine.ask(to, body, { correlationId })

  /** A goal whose first message was acknowledged a moment ago has no state yet. */
  async function checkFree(id: string): Promise<void> {
    if ((await view.asked(id)) !== undefined) return
    await rejectChildId(view, id)
    await rejectParentId(view, id)
  }

  /** Sends a first message. With a key, its queue sends it. Resolves with the open goal of the key if it joins that. */
  async function begin(asked: AskedGoal, first: GoalStart, send: () => Promise<unknown>): Promise<Joined | undefined> {
    const { queue, at } = first
    if (!queue || at !== undefined) return void (await send())
    const own = async (open: string) => (await hasBegun(view, goalRef(open))) && isSame(view, { ...asked, id: open })
    const entering = { owner: asked.owner, first: { message: first }, isSame: own }
    const open = await enterQueue(engine, goalRef(asked.id), queue, entering)
    if (open === undefined) return undefined
    await goOn(open)
    return { id: open, joined: true }
  }

  return {
    async start(request) {
      const terms = startTerms(request, clock.now())
      const { id = `goal_${randomUUID()}`, owner = LOCAL_OWNER } = request
      const { paths, stored } = namedFiles(request.files)
      const goal = withPaths(request.goal.trim() === '' && stored.length > 0 ? FILES_ALONE : request.goal, paths)
      checkGoal({ goal })
      const asked = { id, owner, agent: nameOfAgent(request.agent), goal, stored }
      if (await isSameBegun(view, asked)) await engine.start({ only: id })
      else {
        if (request.id !== undefined) await checkFree(id)
        const refs = await resolveFiles(files(), stored, { owner, use: nameOf(runRef(id)) })
        const message = await firstMessage({ ...request, goal }, paths)
        const first = { ...message, ...(refs.length > 0 && { files: refs }), ...terms }
        await parse(goalMessage, first, 'options')
        await admit(owner)
        const joined = await begin(asked, first, () => engine.tell(goalRef(id), first, { id, correlationId: id }))
        if (joined) return joined
        if (request.id !== undefined) await checkTaken(view, asked)
      }
      await goOn(id)
      return { id }
    },
    async fork(of, request = {}) {
      const terms = startTerms(request, clock.now())
      const { id = `goal_${randomUUID()}` } = request
      if (isOver(await open(of))) await untilRecorded({ ...view, readParts: view.parts, askActor }, of)
      const message = await forkMessage({ readParts: view.parts, values }, of, await open(of), request)
      const first: GoalStart = { ...message, ...terms }
      const { goal } = first
      const stored = namedFiles(first.files).stored
      const asked = { id, owner: ownerOf(first), agent: first.agent, goal, stored }
      if (!(await isSameBegun(view, asked))) {
        await admit(ownerOf(first))
        await files().copyUses({ from: nameOf(runRef(of)), to: nameOf(runRef(id)) }, { owner: ownerOf(first) })
        const joined = await begin(asked, first, () =>
          engine.ask(goalRef(id), first as Json, { id, correlationId: id }),
        )
        if (joined) return joined
        if (request.id !== undefined) await checkTaken(view, asked)
      }
      await goOn(id)
      return { id }
    },
  }
}

type Change = 'tell' | 'pause' | 'resume' | 'settle' | 'cancel' | 'rate'

/** The operations on a goal that has begun. */
function changes({
  engine,
  runs,
  open,
  goOn,
}: Pick<Parts, 'engine' | 'runs'> & { readonly open: OpenGoal; readonly goOn: OpenGoals['goOn'] }): Pick<
  GoalsPort,
  Change
> {
  /** Like `open`, but the goal has not ended. */
  async function openAtWork(id: string): Promise<GoalState> {
    const state = await open(id)
    if (isOver(state)) throw goalOver(id, state)
    return state
  }

  /** Sends a message to a goal that has begun, and resumes its work. */
  async function send(id: string, body: Json): Promise<void> {
    await engine.ask(goalRef(id), body, { correlationId: id })
    await goOn(id)
    await runs.goOnAboveGoal(id)
  }

  /** Records the finding of a person about the interrupted calls of a stopped goal. */
  async function noteFinding(id: string, state: Ended, text: string | undefined): Promise<void> {
    if (!state.wait || text === undefined) throw goalOver(id, state)
    // like a rating: the work of a goal that was cancelled takes no message any more
    await engine.ask(goalRef(id), { type: 'resume', text }, { correlationId: `${id}.found` })
  }

  /** A person settles a call that was interrupted when its goal was stopped. */
  const settleStopped: GoalsPort['settle'] = async (id, call, settlement, { by: named, ...options } = {}) => {
    const by = callerOf({ by: named })
    const body = { type: 'resume', settles: { ...settlement, call, ...(by && { by }) } } as const
    await engine.ask(goalRef(id), body, { ...options, correlationId: `${id}.found` })
    return { status: 'taken' }
  }

  return {
    async tell(id, text) {
      const state = await open(id)
      if (isOver(state)) return noteFinding(id, state, text)
      await send(id, { type: 'tell', text })
    },
    async pause(id) {
      await openAtWork(id)
      await send(id, { type: 'pause' })
    },
    async resume(id, { more, text } = {}) {
      const state = await open(id)
      if (isOver(state)) return noteFinding(id, state, text)
      // a running goal only has to be resumed
      const needsMessage = !goesOn(state) || endsByItself(state.wait) || more !== undefined || text !== undefined
      if (!needsMessage) return goOn(id)
      await send(id, { type: 'resume', ...(more && { more }), ...(text !== undefined && { text }) })
    },
    async settle(id, call, ...given) {
      const state = await open(id)
      if (isOver(state) && state.wait) return settleStopped(id, call, ...given)
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
}
