import type { Room } from '../../rooms/room.ts'
import { budgetActor } from './actor.ts'
import { BUDGETS } from './room/contract.ts'
import { createBudgets } from './room/open-port.ts'
import type { Budgets } from './room/port.ts'
import { type BudgetsView, viewBudgets } from './room/view.ts'

/** Budgets: spending limits of runs, threads, owners and pipelines, an actor for each. */
export const budgetRoom: Room<Budgets, BudgetsView> = {
  contract: BUDGETS,
  actors: () => [budgetActor()],
  open: createBudgets,
  view: viewBudgets,
}
