import { budgetRef } from '../../budget/scope.ts'
import type { BudgetState } from '../../budget/state.ts'
import type { EngineView, ListedActor } from '../../engine/engine.ts'
import type { ActorRef } from '../../kernel/types.ts'
import type { FileRef } from '../../lib/media/file-ref.ts'
import type { ValueStore } from '../../step/values.ts'
import { isShortOfMoney } from '../../work/wait.ts'

/** The actors, values and files that items are read from. */
export type InboxReader = {
  readonly view: EngineView
  readonly values: ValueStore
  /** The owner's files among these ids. */
  findFiles(ids: readonly string[], owner: string): Promise<readonly FileRef[]>
}

/** How much of the contents of steps is read; undefined: as much as a list shows. */
export type ShownContent = 'whole' | 'none' | undefined

/** A kind of actor that the inbox lists, and the items of one actor. */
export type InboxSource<Item> = {
  readonly kind: string
  itemsOf(from: InboxReader, listed: ListedActor, content: ShownContent): Promise<readonly Item[]>
}

/** Whether an actor still waits for that budget. */
export async function waitsForBudget({ view }: InboxReader, scope: string, of: ActorRef): Promise<boolean> {
  return isShortOfMoney((await view.peek(budgetRef(scope))) as BudgetState | undefined, of)
}
