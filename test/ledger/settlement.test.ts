import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import { useExtensions } from '../../src/extension/extensions.ts'
import { accountActor, accountRef, rewardFor } from '../../src/ledger/account.ts'
import { LEDGER_WORK, ledgerActor } from '../../src/ledger/actor.ts'
import { lendSettlement, settles } from '../../src/ledger/room/settle.ts'
import { type SettlementState, settlementActor, settlementRef } from '../../src/ledger/settlement.ts'
import { simulatedClock } from '../../src/testing/index.ts'
import { simulate } from '../../trials/simulation/simulate.ts'
import { freshFolder } from '../http/bench.ts'
import { MemoryChain } from './chain.ts'

const TREASURY = '0xtreasury'
const SETTLEMENT = settlementRef(TREASURY)

function openSettling() {
  const chain = new MemoryChain()
  const clock = simulatedClock()
  const settlement = { treasury: TREASURY, key: 'KEY' }
  const lent = lendSettlement(() => ({ engine, config: { ledger: { settlement } } }) as never)
  const actors = [
    ledgerActor({ settlement }),
    accountActor(),
    settlementActor({
      ...lent,
      settlement: async (treasury) => (treasury === settlement.treasury ? chain : lent.settlement(treasury)),
    }),
  ]
  const engine = inlineEngine({ actors, clock })
  onTestFinished(() => engine.stop({ grace: 0 }))
  const tell = (to: typeof SETTLEMENT, body: object, type?: 'stop') =>
    engine.tell(to, body as never, { correlationId: LEDGER_WORK, ...(type && { type }) })
  return {
    chain,
    clock,
    engine,
    settlement,
    address: (owner: string, address: string | null, treasury = TREASURY) =>
      tell(accountRef(owner), { type: 'address', treasury, address }),
    reconcile: () => engine.ask(SETTLEMENT, { type: 'step', signs: false }, { correlationId: LEDGER_WORK }),
    async cite(owner: string, ask: string, record = 'prior_1') {
      const { to, body } = rewardFor(owner, { type: 'citation', ask, record, amount: '5' })
      await tell(to, body as object)
    },
    tell,
    state: async () => (await engine.view.peek(SETTLEMENT)) as SettlementState,
  }
}

const MINUTE = 60_000

test('citations of an owner that agreed are paid once, in batches, and nothing else is', async () => {
  const { chain, clock, address, cite, engine, state } = openSettling()
  await cite('ann', 'before')
  await clock.advance(0)
  await address('ann', '0xA')
  await clock.advance(MINUTE)
  expect(chain.paid).toEqual([])
  for (let n = 0; n < 70; n++) await cite('ann', `ask_${n}`)
  await clock.advance(0)
  await cite('bob', 'ask_1', 'prior_2')
  await cite('ann', 'ask_1')
  const { to, body } = rewardFor('ann', { type: 'novelty', ask: 'ask_9', amount: '5' })
  await engine.tell(to, body, { correlationId: LEDGER_WORK })
  await clock.advance(MINUTE)
  // entry 1 was booked before the agreement, 72 is of bob, 73 is no citation
  expect(chain.paid).toEqual(Array.from({ length: 70 }, (_, n) => n + 2))
  expect([chain.sent.length, new Set(chain.to)]).toEqual([2, new Set(['0xA'])])
  expect(await state()).toEqual({ at: 73, paid: 70, units: '350', place: 'main' })
  expect(await engine.deadLetters.list()).toEqual([])
})

test('a lost answer is looked up, lost bytes are sent again, and only what can never land is signed anew', async () => {
  const { chain, clock, address, cite, state } = openSettling()
  await address('ann', '0xA')
  const faults = ['down', 'lost'] as const
  chain.fault = () => faults[chain.sent.length - 1]
  await cite('ann', 'ask_1')
  await clock.advance(MINUTE)
  expect([chain.paid, chain.signed, chain.sent.length, new Set(chain.sent).size]).toEqual([[1], 1, 2, 1])
  chain.fault = () => (chain.sent.length === 3 ? 'stale' : undefined)
  await cite('ann', 'ask_2')
  await clock.advance(MINUTE)
  expect([chain.paid, chain.signed]).toEqual([[1, 2], 3])
  expect(await state()).toMatchObject({ paid: 2 })
})

test('a refused citation leaves the batch and says why, and a chain that is down is asked again later', async () => {
  const { chain, clock, engine, address, cite, state } = openSettling()
  await address('ann', '0xA')
  chain.refuses.set(2, 'already_paid')
  chain.fault = () => (chain.sent.length < 9 ? 'down' : undefined)
  for (const ask of ['ask_1', 'ask_2', 'ask_3']) await cite('ann', ask)
  await clock.advance(MINUTE)
  expect(await state()).toMatchObject({ problem: 'The node is down.', wakes: 'timer', flight: { tries: 4 } })
  await clock.advance(120 * MINUTE)
  expect(chain.paid).toEqual([1, 3])
  const parts: unknown[] = []
  for await (const [name, part] of engine.view.parts(SETTLEMENT, { prefix: 'entry/2' })) parts.push([name, part])
  expect(parts).toEqual([['entry/2', { refused: 'already_paid' }]])
})

test('an owner that takes its agreement back, or is forgotten, is paid nothing more', async () => {
  const { chain, clock, engine, address, cite, tell } = openSettling()
  const addresses = async () => {
    const found: unknown[] = []
    for await (const [, part] of engine.view.parts(SETTLEMENT, { prefix: 'address/' })) found.push(part)
    return found
  }
  await address('ann', '0xA')
  await address('bob', '0xB')
  await cite('ann', 'ask_1')
  await cite('bob', 'ask_1', 'prior_2')
  await clock.advance(0)
  expect(await addresses()).toHaveLength(2)
  await address('ann', null)
  await tell(accountRef('bob'), {}, 'stop')
  await clock.advance(MINUTE)
  expect([await addresses(), chain.paid]).toEqual([[], []])
})

test('a step that signs nothing changes nothing if nothing is in flight, and leaves the next batch to the timer', async () => {
  const { chain, clock, address, cite, reconcile, state } = openSettling()
  await address('ann', '0xA')
  await cite('ann', 'ask_1')
  await clock.advance(0)
  const due = await state()
  expect([await reconcile(), await state(), chain.signed]).toEqual([due, { ...due, wakes: 'timer' }, 0])
  chain.fault = () => 'down'
  await clock.advance(5_000)
  await cite('ann', 'ask_2')
  chain.fault = () => undefined
  expect(await reconcile()).toMatchObject({ paid: 1, wakes: 'timer' })
  await clock.advance(4_999)
  expect(chain.signed).toBe(1)
  await clock.advance(1)
  expect(chain.paid).toEqual([1, 2])
  // only a person goes on after a failure that costs gas, and reconcile is not that word
  chain.statusOf = async () => ({ status: 'failed', why: 'No gas.' })
  await cite('ann', 'ask_3')
  await clock.advance(MINUTE)
  const failed = { ...(await state()) }
  expect(failed).toMatchObject({ problem: 'No gas.', wakes: 'person' })
  expect([await reconcile(), await state()]).toEqual([failed, failed])
})

test('a treasury that antiphon.yaml no longer names keeps its transaction, signs nothing and forgets addresses', async () => {
  const { chain, clock, engine, settlement, address, cite, state } = openSettling()
  const addresses = async (treasury: string) => {
    const found: unknown[] = []
    for await (const [, part] of engine.view.parts(settlementRef(treasury), { prefix: 'address/' })) found.push(part)
    return found
  }
  await address('ann', '0xA')
  await address('bob', '0xB')
  chain.fault = () => 'down'
  await cite('ann', 'ask_1')
  await clock.advance(5_000)
  const { flight } = await state()
  settlement.treasury = '0xnew'
  chain.fault = () => undefined
  await clock.advance(MINUTE)
  const problem = 'The treasury in antiphon.yaml is 0xnew, so 0xtreasury pays nothing.'
  expect(await state()).toMatchObject({ flight: { transaction: flight!.transaction }, problem, wakes: 'timer' })
  expect([chain.paid, chain.signed]).toEqual([[], 1])
  await address('ann', '0xA', '0xnew')
  await address('bob', null, '0xnew')
  await clock.advance(0)
  expect([await addresses(TREASURY), await addresses('0xnew')]).toEqual([[], [{ address: '0xA', from: 1 }]])
  settlement.treasury = TREASURY
  await clock.advance(10 * MINUTE)
  expect([chain.paid, chain.signed]).toEqual([[1], 1])
})

test('a treasury that has paid on one chain signs and sends nothing on another', async () => {
  const { chain, clock, address, cite, engine, state } = openSettling()
  await address('ann', '0xA')
  chain.fault = () => 'down'
  await cite('ann', 'ask_1')
  await clock.advance(6_000)
  const { flight } = await state()
  chain.place = 'test'
  chain.fault = () => undefined
  const sent = chain.sent.length
  await clock.advance(20 * MINUTE)
  expect([chain.sent.length, chain.paid, (await state()).flight?.transaction]).toEqual([sent, [], flight!.transaction])
  expect((await state()).problem).toBe(`${TREASURY} pays at main, and antiphon.yaml names test. Name another treasury.`)
  const stands = async () => (await engine.view.list('settlement'))[0]!.index.stands
  expect(await stands()).toBe(
    `transaction ${flight!.transaction.digest} with 1 citations is in flight. ${(await state()).problem}`,
  )
  chain.place = 'main'
  await clock.advance(20 * MINUTE)
  expect([chain.paid, await stands()]).toEqual([[1], 'nothing is in flight'])
})

test('one call settles in a bounded number of steps, and the timer goes on', async () => {
  const { address, cite, clock, engine, chain, settlement } = openSettling()
  const folder = freshFolder()
  writeFileSync(join(folder, 'chain.mjs'), "export default { name: 'chain', version: '0.1.0', settlement: () => ({}) }")
  await useExtensions(['./chain.mjs'], folder)
  const ask = vi.fn(engine.ask)
  const house = {
    engine: { ...engine, ask },
    config: { ledger: { settlement }, use: ['./chain.mjs'], folder },
  } as never
  await address('ann', '0xA')
  await clock.advance(0)
  for (let n = 1; n <= 200; n++) {
    await cite('ann', `ask_${n}`)
    chain.refuses.set(n, 'already_paid')
  }
  await clock.advance(0)
  const report = await settles(house).settle()
  expect([ask.mock.calls.length, report.paid, report.isDue]).toEqual([64, 0, true])
  await clock.advance(MINUTE)
  const { refused } = await settles(house).settle()
  expect([refused!.length, refused![0]!.n, refused!.at(-1)!.n]).toEqual([100, 101, 200])
  expect((await engine.view.list('settlement'))[0]!.index.stands).toContain('the chain refused 100 citations')
})

test('no kill pays a citation twice, although the chain would', async () => {
  const entries = Array.from({ length: 150 }, (_, n) => ({
    n: n + 1,
    op: `citation:ask_${n}:r`,
    account: 'a',
    amount: '5',
  }))
  let chain = new MemoryChain()
  const seen = { paid: 0, resent: 0, kills: 0 }
  await simulate({
    seeds: 60,
    engine: 'libsql',
    onTrial: (_, { lives }) => void (seen.kills += lives - 1),
    actors: () => [
      settlementActor({
        settlement: async () => chain,
        head: async () => 0,
        citationsAfter: async (n) => {
          const citations = entries.slice(n, n + 40)
          return { citations, last: n + citations.length, more: n + citations.length < entries.length }
        },
      }),
    ],
    command(random) {
      const step = random.pick([{ type: 'step' }, { type: 'step' }, { type: 'step', signs: false }])
      const other = random.pick([{ type: 'address', account: 'a', address: '0xA' }, { type: 'booked' }])
      return random.pick([
        { type: 'ask', to: SETTLEMENT, body: step },
        { type: 'tell', to: SETTLEMENT, body: step },
        { type: 'tell', to: SETTLEMENT, body: other },
        { type: 'repeat' },
      ])
    },
    async check({ peek }) {
      const { paid } = ((await peek(SETTLEMENT)) ?? { paid: 0 }) as SettlementState
      const { paid: onChain, sent } = chain
      chain = faulty()
      if (new Set(onChain).size !== onChain.length) throw new Error(`a citation is paid twice: ${onChain.join(' ')}`)
      if (paid > onChain.length) throw new Error(`${paid} citations count as paid, and ${onChain.length} are`)
      seen.paid += onChain.length
      seen.resent += sent.length - new Set(sent).size
    },
  })
  expect(seen.kills).toBeGreaterThan(100)
  expect([seen.paid > 1000, seen.resent > 20]).toEqual([true, true])
})

/** A chain on which one submission in three has a fault. */
function faulty(): MemoryChain {
  const chain = new MemoryChain()
  chain.fault = (digest) =>
    (['lost', 'down', 'stale'] as const)[(Number.parseInt(digest.slice(0, 4), 16) + chain.sent.length) % 9]
  return chain
}
