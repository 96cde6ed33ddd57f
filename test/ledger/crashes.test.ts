import { expect, test } from 'vitest'
import { accountActor, rewardFor } from '../../src/ledger/account.ts'
import { LEDGER, type LedgerState, ledgerActor } from '../../src/ledger/actor.ts'
import { simulate } from '../../trials/simulation/simulate.ts'

/** Rewards whose amounts are different powers of two, so the sum says which of them were booked. */
const REWARDS = Array.from({ length: 12 }, (_, n) =>
  rewardFor(`owner-${n % 3}`, { type: 'novelty', ask: `ask_${n}`, amount: `${2 ** n}` }),
)

test('each operation has exactly one entry after any kill of the process', async () => {
  const booked: number[] = []
  await simulate({
    engine: 'libsql',
    seeds: 10,
    actors: () => [ledgerActor(), accountActor()],
    command(random) {
      const { to, body, correlationId } = random.pick(REWARDS)
      return random.pick([
        { type: 'ask', to, body, correlationId: correlationId! },
        { type: 'tell', to, body, correlationId: correlationId! },
        { type: 'repeat' },
        { type: 'look', at: LEDGER },
      ])
    },
    async check({ peek }) {
      const { n, minted } = ((await peek(LEDGER)) ?? { n: 0, minted: '0' }) as LedgerState
      const bits = [...BigInt(minted).toString(2)].filter((bit) => bit === '1').length
      if (n !== bits) throw new Error(`${n} entries for ${bits} operations`)
      booked.push(n)
    },
  })
  expect(Math.max(...booked)).toBeGreaterThan(3)
})
