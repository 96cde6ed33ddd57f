import type { Json } from '../../src/kernel/schema.ts'
import { rewardFor } from '../../src/ledger/account.ts'
import { LEDGER, LEDGER_WORK } from '../../src/ledger/actor.ts'
import { noveltyOperation } from '../../src/ledger/operation.ts'
import { openRuntime } from './pipeline.ts'
import type { OpenTarget } from './target.ts'

/** Owners who get rewards in turn. */
const OWNERS = 100

/** The ledger under a load of operations, each of which is booked. `ledger-direct`: without the actors of accounts. */
export const openTarget: OpenTarget = async (_load, { folder, name }) => {
  const { engine, status } = await openRuntime(folder)
  const isDirect = name.startsWith('ledger-direct/')
  let next = 0
  return {
    async perform() {
      const ask = `ask_${next++}`
      const owner = next % OWNERS
      const account = `acc_${String(owner).padStart(16, '0')}`
      const reward = rewardFor(`owner-${owner}`, { type: 'novelty', ask, amount: '1' })
      const { to, body } = isDirect
        ? { to: LEDGER, body: { op: noveltyOperation(ask, account), account, amount: '1' } as Json }
        : reward
      return ((await engine.ask(to, body, { correlationId: LEDGER_WORK })) as { readonly n: number }).n
    },
    counts: () => {
      const { turns: rows, flushes: commits } = status().engine!
      return { rows, commits }
    },
  }
}
