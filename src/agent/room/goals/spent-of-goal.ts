import { MICROS_PER_DOLLAR } from '../../../budget/money.ts'
import { budgetRef, scopeOf } from '../../../budget/scope.ts'
import type { BudgetState } from '../../../budget/state.ts'
import type { EngineView } from '../../../engine/engine.ts'
import { goalRef } from '../../../house/actors.ts'
import { readSinglePart } from '../../../kernel/parts.ts'
import { childRunId, runOfRound } from '../../../run/ids.ts'
import { type Round, roundPart } from '../../protocol/rounds.ts'
import { type GoalState, peekGoal } from '../../protocol/state.ts'

/** Tokens, and dollars. */
type Spent = { readonly tokens: number; readonly cost: number }
type SpentReader = Pick<EngineView, 'peek' | 'parts'>

/** The payments of the budget of a goal, also for the work below it. Calls that cost nothing are not counted. */
export async function budgetOfGoal(view: Pick<EngineView, 'peek'>, goal: string): Promise<Spent> {
  const { spent = 0, tokens = 0 } = ((await view.peek(budgetRef(scopeOf('goal', goal)))) ?? {}) as Partial<BudgetState>
  return { tokens, cost: spent / MICROS_PER_DOLLAR }
}

/** The use of a goal and the goals below it. Its budget knows what was paid, and the goals know what cost nothing. */
export async function spentOfGoal(view: SpentReader, goal: string, state: GoalState): Promise<Spent> {
  const [paid, below] = await Promise.all([budgetOfGoal(view, goal), goalsBelow(view, goal, state)])
  const all = await Promise.all(below.map((child) => spentOfChild(view, child)))
  const own = all.reduce((sum, { tokens, cost }) => ({ tokens: sum.tokens + tokens, cost: sum.cost + cost }), state)
  return { tokens: Math.max(paid.tokens, own.tokens), cost: Math.max(paid.cost, own.cost) }
}

async function spentOfChild(view: SpentReader, goal: string): Promise<Spent> {
  const state = await peekGoal(view, goal)
  return state ? spentOfGoal(view, goal, state) : { tokens: 0, cost: 0 }
}

/** The goals that its calls asked, and the one that it was handed to. Rounds of another goal are not its own. */
async function goalsBelow(
  view: SpentReader,
  goal: string,
  { rounds, handedTo }: GoalState,
): Promise<readonly string[]> {
  const numbers = Array.from({ length: rounds }, (_, index) => index + 1)
  const asked = numbers.map(async (number) => {
    const round = (await readSinglePart(view.parts, goalRef(goal), roundPart(number))) as Round | undefined
    if (!round || round.run !== undefined) return []
    const calls = round.calls.filter(({ tool, step }) => step !== undefined && tool.startsWith('agent:'))
    return calls.map(({ step }) => goalRef(childRunId(runOfRound(goal, number), step!)).key)
  })
  return [...(await Promise.all(asked)).flat(), ...(handedTo ? [handedTo.goal] : [])]
}
