import { randomUUID } from 'node:crypto'
import type { AgentDefinition } from '../../agent/definition/definition.ts'
import { goalRef } from '../../agent/goal/goal-actor.ts'
import { type GoalStart, MAX_GOAL_CHARACTERS } from '../../agent/goal/messages.ts'
import { DEFAULT_BUDGET, type GoalState, isOver } from '../../agent/goal/state.ts'
import type { Playbook } from '../../agent/playbook/playbook.ts'
import { amountOf } from '../../budget/money.ts'
import { budgetRef } from '../../budget/scope.ts'
import type { Engine } from '../../engine/engine.ts'
import { idTakenError } from '../../engine/envelope.ts'
import { InvalidError, NotFoundError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { LOCAL_OWNER, ownerField, ownerOf } from '../../lib/owner.ts'
import type { Blobs } from '../../store/blobs/blobs.ts'
import type { Activity } from '../activity/activity.ts'
import type { Admit } from '../activity/admission.ts'
import { type FollowedWork, followToEnd, hasEnded } from '../activity/follow.ts'
import type { Compiler } from '../pipelines/compiler.ts'
import type { GoalRequest, GoalsPort } from '../ports/goals.ts'
import type { ServingPort } from '../ports/serving.ts'
import { createFollowers, hasBegun } from '../runs/track.ts'
import { storePlaybooks } from './playbooks.ts'
import { listGoals, readGoal } from './read-goal.ts'

type Parts = {
  readonly engine: Engine
  readonly values: Blobs
  readonly activity: Activity
  readonly admit: Admit
  readonly compiler: Compiler
  /** the project folder, which playbooks lie in */
  readonly folder: string
  /** The definition of an agent, by its name or the path of its file. */
  readAgent(agent: string): Promise<AgentDefinition>
  readonly runs: {
    /** Takes up what an earlier process left of a run. */
    goOn(run: string): Promise<void>
    /** Waits until a run has ended (true), or does nothing until something from outside comes. */
    untilResting(run: string): Promise<boolean>
  }
}

/** The goals of a runtime. `follow` lists a goal as under way while it works. */
export type OpenGoals = {
  readonly port: GoalsPort
  readonly serving: Pick<ServingPort, 'ownerOfGoal' | 'goalEnded'>
  follow(id: string): void
}

/** Opens the goals of a runtime. */
export function createGoals({ engine, values, activity, admit, compiler, folder, readAgent, runs }: Parts): OpenGoals {
  const { view } = engine
  const stateOf = async (id: string) => (await view.peek(goalRef(id))) as GoalState | undefined

  const followed = (id: string): FollowedWork => ({
    of: goalRef(id),
    last: 'goal-end',
    isOver: async () => isOverOrGone(await stateOf(id)),
  })

  const events: GoalsPort['events'] = (id, from) => followToEnd(view, followed(id), from)

  const { follow } = createFollowers(activity.track, async (id) => {
    for await (const { body } of events(id)) {
      const state = await stateOf(id)
      if (!state || !isAtWork(state)) break
      if (state.run === undefined || (body as { readonly type: string }).type === 'round-end') continue
      // a person may take months to approve a call: then no process needs to stay
      if (!(await runs.untilResting(state.run))) return 'resting'
    }
    return isOverOrGone(await stateOf(id)) ? 'over' : 'resting'
  })

  async function goOn(id: string): Promise<void> {
    const state = await stateOf(id)
    if (state && isOver(state)) return
    if (state?.wait?.type === 'money') await engine.ask(budgetRef(state.wait.scope), { type: 'period' })
    if (state?.run !== undefined) {
      await engine.start({ only: state.run })
      await runs.goOn(state.run)
    }
    if (!state || isAtWork(state)) follow(id)
  }

  async function open(id: string): Promise<GoalState> {
    await engine.start({ only: id })
    if (!(await hasBegun(view, goalRef(id)))) throw noGoal(id)
    return (await stateOf(id))!
  }

  /** Sends a message to a goal that has begun, and takes up its work. */
  async function send(id: string, body: Json): Promise<void> {
    await open(id)
    await engine.ask(goalRef(id), body, { correlationId: id })
    await goOn(id)
  }

  const port: GoalsPort = {
    async start(request) {
      const { id = `goal_${randomUUID()}`, owner = LOCAL_OWNER } = request
      checkGoal(request)
      const known = await stateOf(id)
      if (known && ownerOf(known) !== owner) throw idTakenError(`the id ${id} is taken`)
      if (!known) {
        const agent = typeof request.agent === 'string' ? await readAgent(request.agent) : request.agent
        const playbooks = await storePlaybooks(agent, { compiler, values, folder })
        await admit()
        await engine.tell(
          goalRef(id),
          (await startMessage(values, agent, { ...request, playbooks })) as unknown as Json,
          {
            id,
            correlationId: id,
          },
        )
      } else await engine.start({ only: id })
      await goOn(id)
      return { id }
    },
    list: (query = {}) => listGoals(view, query),
    async get(id) {
      const found = (await hasBegun(view, goalRef(id))) ? await readGoal(view, id) : undefined
      if (!found) throw noGoal(id)
      return found
    },
    events,
    tell: (id, text) => send(id, { type: 'tell', text }),
    pause: (id) => send(id, { type: 'pause' }),
    async resume(id, { more, text } = {}) {
      const state = await open(id)
      // a goal that works only has to be taken up
      const needsMessage = !isAtWork(state) || more !== undefined || text !== undefined
      if (!needsMessage) return goOn(id)
      await send(id, { type: 'resume', ...(more && { more }), ...(text !== undefined && { text }) })
    },
    async cancel(id, reason) {
      const state = await open(id)
      if (isOver(state))
        throw new InvalidError(`the goal ${id} has ended: it is ${state.status}`, { code: 'goal_over' })
      if (state.run !== undefined) await engine.start({ only: state.run })
      await engine.cancel(goalRef(id), id, reason)
      await goOn(id)
    },
    rate: (id, rating) => send(id, { type: 'rate', rating }),
  }
  const serving: OpenGoals['serving'] = {
    async ownerOfGoal(id) {
      const state = (await hasBegun(view, goalRef(id))) ? await stateOf(id) : undefined
      return state && ownerOf(state)
    },
    goalEnded: (id, after) => hasEnded(view, followed(id), after),
  }
  return { port, serving, follow }
}

const isAtWork = ({ status }: GoalState) => status === 'thinking' || status === 'acting'
const isOverOrGone = (state: GoalState | undefined) => state !== undefined && isOver(state)

/** The error for a goal that does not exist. */
export function noGoal(id: string): NotFoundError {
  return new NotFoundError(`There is no goal ${id}.`, { hint: 'See: antiphon agent list' })
}

function checkGoal({ goal }: GoalRequest): void {
  const place = { path: 'goal' }
  if (goal.trim() === '') throw new InvalidError('expected a goal, got an empty text', { place })
  if (goal.length > MAX_GOAL_CHARACTERS)
    throw new InvalidError(`expected at most ${MAX_GOAL_CHARACTERS} characters, got ${goal.length}`, {
      place,
      hint: 'Put long texts into a file, and name the file in the goal.',
    })
}

/** The first message of a goal. Stores the definition, which the goal keeps. */
async function startMessage(
  values: Blobs,
  agent: AgentDefinition,
  request: Omit<GoalRequest, 'agent'> & { readonly playbooks: readonly Playbook[] },
): Promise<GoalStart> {
  const { goal, playbooks, owner, trusted = true, interactive, budget = agent.budget ?? DEFAULT_BUDGET } = request
  const { maxTurns: rounds, deadline } = agent
  return {
    ...{ type: 'start', agent: agent.name, goal, budget: amountOf(budget) },
    definition: await values.put(agent as unknown as Json),
    ...(playbooks.length > 0 && { playbooks: [...playbooks] }),
    ...ownerField(owner),
    ...(!trusted && { untrusted: true as const }),
    ...(interactive && { interactive: true as const }),
    limits: {
      ...(rounds !== undefined && { rounds }),
      ...(deadline !== undefined && { time: Math.round(deadline * 1000) }),
    },
  }
}
