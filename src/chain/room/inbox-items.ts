import { budgetRef } from '../../budget/scope.ts'
import type { BudgetState } from '../../budget/state.ts'
import type { EngineView } from '../../engine/engine.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import type { CurrentAsk } from '../../thread/protocol/ask-state.ts'
import { phaseRef } from '../../thread/protocol/refs.ts'
import type { AskMoneyItem, AskProviderItem } from '../../thread/room/documents/inbox.ts'
import type { ThreadOfItem } from '../../thread/room/inbox-items.ts'
import { isShortOfMoney, NEEDS_NOTHING, needsMoney } from '../../work/wait.ts'
import { type SuspendedCall, WAITING_PART } from '../phases/suspend-call.ts'

/** Budgets and providers that the current ask waits for. Phases that wait for the same budget count once. */
export async function phaseWaitItems(
  view: EngineView,
  about: ThreadOfItem,
  { id: ask, parked: phases = [] }: CurrentAsk,
): Promise<readonly (AskMoneyItem | AskProviderItem)[]> {
  const items = new Map<string, AskMoneyItem | AskProviderItem>()
  for (const phase of phases) {
    const of = phaseRef(about.thread, phase)
    const parked = (await readSinglePart(view.parts, of, WAITING_PART)) as SuspendedCall | undefined
    if (parked?.provider?.long) {
      const { title, provider } = parked
      const { since, until } = provider
      items.set(`provider/${phase}`, { kind: 'provider', ...about, since, ask, title, until, ...NEEDS_NOTHING })
    }
    if (parked?.scope === undefined) continue
    const budget = (await view.peek(budgetRef(parked.scope))) as BudgetState | undefined
    if (!isShortOfMoney(budget, of)) continue
    const { scope, title = 'There is too little money.' } = parked
    if (!items.has(scope)) items.set(scope, { kind: 'money', ...about, ask, title, ...needsMoney(scope) })
  }
  return [...items.values()]
}
