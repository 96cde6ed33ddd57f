import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { expect, onTestFinished, test } from 'vitest'
import sui from '../../packages/sui/src/index.ts'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import { LEDGER_WORK } from '../../src/ledger/actor.ts'
import { type SettlementState, settlementActor, settlementRef } from '../../src/ledger/settlement.ts'
import { createSeededRandom } from '../../trials/simulation/plan/random.ts'
import { CHAIN, FakeNode, type NodeFault, PACKAGE, TREASURY } from './node.ts'

const AUTHOR = `0x${'ab'.repeat(32)}`

// dear: each step signs, verifies and asks a node
test('a hundred faults and kills pay no citation twice, although this chain would', async () => {
  const keys = new Ed25519Keypair()
  const node = await new FakeNode(keys.toSuiAddress()).listen()
  const settings = { treasury: TREASURY, package: PACKAGE, chain: CHAIN, url: node.url }
  const settlement = sui.settlement!({ settings, key: async () => keys.getSecretKey() })
  node.looksAtPairs = false
  const random = createSeededRandom(7)
  const entries = Array.from({ length: 240 }, (_, n) => ({
    n: n + 1,
    op: `citation:a${n}:r`,
    account: 'a',
    amount: '5',
  }))
  let faulty = 0
  const happens = (inTen: number) => {
    const does = random.below(10) < inTen
    if (does) faulty++
    return does
  }
  const engine = inlineEngine({
    actors: [
      settlementActor({
        // a kill before or after a call to the chain: its outcome is in no commit
        settlement: async () => ({
          ...settlement,
          async sign(payments) {
            const signing = await settlement.sign(payments.slice(0, 3))
            if (happens(2)) throw new Error('killed')
            return signing
          },
          async submit(transaction) {
            if (happens(1)) throw new Error('killed')
            const landing = await settlement.submit(transaction)
            if (happens(3)) throw new Error('killed')
            return landing
          },
        }),
        head: async () => 0,
        citationsAfter: async (n) => ({
          citations: entries.slice(n, n + 3),
          last: Math.min(n + 3, 240),
          more: n + 3 < 240,
        }),
      }),
    ],
  })
  onTestFinished(() => engine.stop({ grace: 0 }))
  const at = settlementRef(TREASURY)
  const faults: (NodeFault | undefined)[] = ['lost', 'late', 'down', 'locked', undefined, undefined, undefined]
  node.fault = () => {
    const fault = random.pick(faults)
    if (fault) faulty++
    return fault
  }
  await engine.tell(at, { type: 'address', account: 'a', address: AUTHOR }, { correlationId: LEDGER_WORK })
  let state: SettlementState | undefined
  for (let step = 0; step < 2000 && (state === undefined || state.at < 240); step++) {
    state = (await engine.ask(at, { type: 'step' }, { correlationId: LEDGER_WORK })) as SettlementState
    if (random.below(10) < 3) await node.deliver()
    if (happens(1)) node.useElsewhere()
    if (faulty % 7 === 0) node.epoch += 1n
  }
  const pairs = node.paid.map(({ citing, cited }) => citing + cited)
  expect([pairs.length, new Set(pairs).size, state!.paid]).toEqual([240, 240, 240])
  expect(faulty).toBeGreaterThan(100)
  expect([node.minted, state!.units]).toEqual([1200n, '1200'])
})
