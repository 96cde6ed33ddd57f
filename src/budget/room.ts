/**
 * Budgets: spending limits, an actor for each scope. A call reserves its highest cost before it starts and settles
 * the real cost afterwards. Work that does not fit waits until money is added. `reservation.ts` decides, without
 * effects.
 */

import type { Room } from '../house/room.ts'
import { budgetActor } from './actor.ts'
import { COST_KIND, costActor } from './cost-day.ts'
import { BUDGETS } from './room/contract.ts'
import { createBudgets } from './room/open-port.ts'
import type { Budgets } from './room/port.ts'
import { type BudgetsView, viewBudgets } from './room/view.ts'

export const budgetRoom: Room<Budgets, BudgetsView> = {
  contract: BUDGETS,
  actors: () => [budgetActor(), costActor()],
  owns: [
    { kind: 'budget', place: 'budgets' },
    { kind: COST_KIND, place: 'days of costs' },
  ],
  open: createBudgets,
  view: viewBudgets,
}
