import { type Engine, inspectOne } from '../../../engine/engine.ts'
import { KIND } from '../../../house/actors.ts'
import type { ActorIndex, ActorRef } from '../../../kernel/types.ts'
import { LOCAL_OWNER, ownerOf } from '../../../lib/owner.ts'
import { amountOf } from '../../money.ts'
import { budgetRef, readScope, scopeActor, scopeOf } from '../../scope.ts'

/** The budgets and the owner that pay for a call, and the agent that makes it, if one does. */
export type Origin = { readonly budgets: readonly ChargedBudget[]; readonly owner: string; readonly agent?: string }

const MAX_KNOWN_ORIGINS = 1000

/** The engine of a runtime, which is there before the first effect of an actor runs. */
export type LiveEngine = { readonly engine: Pick<Engine, 'view' | 'ask'> }

/** The limits that the definitions of work set. */
export type WorkLimits = {
  /** The pipeline of a run, with its limits in dollars; undefined: the run has not begun. */
  ofRun(run: ActorRef): Promise<PipelineLimits | undefined>
  /** The limit of a goal, in millionths of a dollar; undefined: it has none. */
  ofGoal(goal: string): Promise<number | undefined>
}

type PipelineLimits = {
  readonly id: string
  readonly costLimits?: { readonly run?: number; readonly day?: number; readonly hour?: number }
}

/** The owner and the budgets of runs and threads, cached for ever. A child run is charged to its parents, too. */
export function createOrigins(live: LiveEngine, limits: WorkLimits): (of: readonly string[]) => Promise<Origin> {
  const known = new Map<string, Origin>()

  async function find(scope: string): Promise<Origin> {
    const payer = readScope(scope)
    // the budgets of an owner pay for everything that it does
    if (payer.kind === 'owner') return { budgets: [], owner: payer.name }
    const of = scopeActor(payer) ?? budgetRef(scope)
    const index = (await inspectOne(live.engine.view, of))?.cell?.index ?? {}
    const owner = ownerOf(index)
    const above = await budgetsAbove(index)
    const pipeline = of.kind === KIND.run ? await limits.ofRun(of) : undefined
    const limit = of.kind === KIND.goal ? await limits.ofGoal(of.key) : undefined
    const own = pipeline ? budgetsOfRun(scope, owner, pipeline) : [chargedBudget(scope, owner, limit)]
    const agent = await agentOf(index)
    return { budgets: distinct([...own, ...above]), owner, ...(agent !== undefined && { agent }) }
  }

  /** A child run is charged to its parents, a run of calls to its goal or thread, and a goal of a thread to that. */
  async function budgetsAbove({ root, goal, thread, payer }: ActorIndex): Promise<readonly ChargedBudget[]> {
    if (typeof root === 'string') return (await originOf(scopeOf('run', root))).budgets
    if (typeof goal === 'string') return (await originOf(scopeOf('goal', goal))).budgets
    const scopes = [typeof thread === 'string' ? scopeOf('thread', thread) : undefined, payer]
    const above = scopes.filter((scope) => typeof scope === 'string').map(originOf)
    return (await Promise.all(above)).flatMap(({ budgets }) => budgets)
  }

  /** The agent of a goal; of the calls of a goal, and of child runs, that of the work above. */
  async function agentOf({ agent, root, goal }: ActorIndex): Promise<string | undefined> {
    if (typeof agent === 'string') return agent
    if (typeof goal === 'string') return (await originOf(scopeOf('goal', goal))).agent
    return typeof root === 'string' ? (await originOf(scopeOf('run', root))).agent : undefined
  }

  async function originOf(scope: string): Promise<Origin> {
    const found = known.get(scope) ?? (await find(scope))
    if (known.size >= MAX_KNOWN_ORIGINS) known.delete(known.keys().next().value!)
    known.set(scope, found)
    return found
  }

  return async (of) => {
    if (of.length === 1) return originOf(of[0]!)
    const origins = await Promise.all(of.map(originOf))
    const { owner = LOCAL_OWNER, agent } = origins[0] ?? {}
    const budgets = distinct(origins.flatMap((origin) => origin.budgets))
    return { budgets, owner, ...(agent !== undefined && { agent }) }
  }
}

/** Removes duplicates and keeps the latest entry per budget. */
function distinct(budgets: readonly ChargedBudget[]): readonly ChargedBudget[] {
  return [...new Map(budgets.map((one) => [one.scope, one])).values()]
}

/** A budget that pays for a call. `limit`: the default limit, in millionths of a dollar, if no limit was set. */
export type ChargedBudget = { readonly scope: string; readonly limit?: number; readonly owner: string }

export function chargedBudget(scope: string, owner: string, limit?: number): ChargedBudget {
  return { scope, owner, ...(limit !== undefined && { limit }) }
}

/** The budgets of a run: its own, and those of its pipeline. */
function budgetsOfRun(scope: string, owner: string, { id, costLimits = {} }: PipelineLimits): readonly ChargedBudget[] {
  const limit = (dollars: number | undefined) => (dollars === undefined ? undefined : amountOf(dollars))
  const { run, day, hour } = costLimits
  return [
    chargedBudget(scope, owner, limit(run)),
    chargedBudget(scopeOf('pipeline', `${owner}/${id}`), owner),
    chargedBudget(scopeOf('pipeline-day', `${owner}/${id}`), owner, limit(day)),
    chargedBudget(scopeOf('pipeline-hour', `${owner}/${id}`), owner, limit(hour)),
  ]
}
