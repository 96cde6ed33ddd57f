import { expect, test } from 'vitest'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import { ACCOUNT_KIND, accountActor, accountRef, type Reward, rewardFor } from '../../src/ledger/account.ts'
import { LEDGER, type LedgerState, ledgerActor } from '../../src/ledger/actor.ts'
import { formatChoir, MAX_SUPPLY } from '../../src/ledger/amount.ts'
import { type LedgerEntry, type LedgerReceipt, NO_HASH, sealed } from '../../src/ledger/entry.ts'
import type { LedgerSettings } from '../../src/ledger/settings.ts'
import { simulatedClock } from '../../src/testing/index.ts'

const DAY = 24 * 3_600_000

function openLedger(settings: LedgerSettings = {}) {
  const clock = simulatedClock()
  const engine = inlineEngine({ actors: [ledgerActor(settings), accountActor()], clock })
  const book = async (owner: string, reward: object) => {
    const { to, body, correlationId } = rewardFor(owner, reward as Reward)
    const asked = engine.ask(to, body, { correlationId: correlationId! })
    asked.catch(() => {})
    await clock.advance(0)
    return (await asked) as LedgerReceipt
  }
  const novelty = (owner: string, ask: string, amount: unknown) => book(owner, { type: 'novelty', ask, amount })
  const entries = async () => {
    const found: LedgerEntry[] = []
    for await (const { body } of engine.view.events(LEDGER, { live: false })) found.push(body as LedgerEntry)
    return found
  }
  const state = async () => (await engine.view.peek(LEDGER)) as LedgerState
  return { engine, clock, book, novelty, entries, state }
}

test('the same operation gives the same receipt, and each entry has the hash of the one before', async () => {
  const { engine, book, novelty, entries, state } = openLedger()
  const first = await novelty('ann', 'ask_1', '5000000000')
  expect(await novelty('ann', 'ask_1', '5000000000')).toEqual(first)
  const cited = await book('bob', { type: 'citation', ask: 'ask_1', record: 'a', amount: '7' })
  await novelty('ann', 'ask_2', '1')
  const all = await entries()
  expect(all.map(({ n, before, amount }) => [n, before, amount])).toEqual([
    [1, 0, '5000000000'],
    [2, 0, '7'],
    [3, 1, '1'],
  ])
  expect([first.n, cited.n, cited.op]).toEqual([1, 2, 'citation:ask_1:a'])
  expect(all.map(({ previous }) => previous)).toEqual([NO_HASH, first.hash, cited.hash])
  for (const entry of all) expect(sealed(entry)).toEqual(entry)
  expect(await state()).toEqual({ n: 3, hash: all[2]!.hash, minted: '5000000008' })
  // one with another amount is another operation, and is not booked
  await expect(novelty('ann', 'ask_1', '6')).rejects.toMatchObject({ code: 'operation_conflict' })
  expect(await entries()).toEqual(all)
  expect(await engine.deadLetters.list()).toEqual([])
})

test('entries name no owner: neither does an id of a message, which contains its thread', async () => {
  const { engine, novelty, book, entries } = openLedger()
  await novelty('ann', 'ann:main#message:m1', '1')
  await book('ann', { type: 'citation', ask: 'ann:main#message:m1', record: 'ann#1', amount: '1' })
  expect(JSON.stringify(await entries())).not.toMatch(/\bann\b/)
  for await (const { correlationId } of engine.view.events(LEDGER, { live: false }))
    expect(correlationId).toBe('ledger')
  // after an erasure an owner has another account
  await engine.tell(accountRef('ann'), null, { type: 'stop' })
  await novelty('ann', 'ask_2', '1')
  const accounts = (await entries()).map(({ account }) => account)
  expect(accounts[0]).toBe(accounts[1])
  expect(accounts[2]).not.toBe(accounts[0])
  expect(accountRef('ann').kind).toBe(ACCOUNT_KIND)
})

test.each([
  ['-1'],
  ['0'],
  ['1.5'],
  ['01'],
  [' 1'],
  ['1e9'],
  ['NaN'],
  [''],
  ['x'.repeat(10_000)],
  [5],
  [-1],
  [Number.NaN],
  [null],
  [{}],
])('an amount of %j is refused', async (amount) => {
  const { novelty, state } = openLedger()
  const hint = expect.stringContaining('base units')
  await expect(novelty('ann', 'ask_1', amount)).rejects.toMatchObject({ code: 'bad_amount', hint })
  expect(await state()).toMatchObject({ n: 0 })
})

test('at 10^19 - 5, 5 are minted and 1 more is refused', async () => {
  const { novelty, state } = openLedger()
  await novelty('ann', 'ask_1', `${MAX_SUPPLY - 5n}`)
  const refused = { code: 'mint_exceeds_cap', message: expect.stringContaining('at most 5 base units') }
  await expect(novelty('bob', 'ask_2', '6')).rejects.toMatchObject(refused)
  await novelty('bob', 'ask_2', '5')
  await expect(novelty('bob', 'ask_3', '1')).rejects.toMatchObject({ code: 'mint_exceeds_cap' })
  expect(await state()).toMatchObject({ n: 2, minted: '10000000000000000000' })
  await expect(novelty('bob', 'ask_4', '9'.repeat(99))).rejects.toMatchObject({ code: 'mint_exceeds_cap' })
})

test('limits of a day hold for each account and for all, until the next day', async () => {
  const { clock, novelty } = openLedger({ accountPerDay: 3, allPerDay: 4 })
  await novelty('ann', 'ask_1', '3000000000')
  await expect(novelty('ann', 'ask_2', '1')).rejects.toMatchObject({
    code: 'daily_cap',
    message: expect.stringMatching(/^acc_/),
  })
  await novelty('bob', 'ask_3', '1000000000')
  await expect(novelty('bob', 'ask_4', '1')).rejects.toMatchObject({
    code: 'daily_cap',
    message: expect.stringMatching(/^all accounts/),
  })
  // a receipt costs nothing
  expect(await novelty('ann', 'ask_1', '3000000000')).toMatchObject({ n: 1 })
  await clock.advance(DAY)
  expect(await novelty('ann', 'ask_2', '1')).toMatchObject({ n: 3 })
})

test('amounts are shown as CHOIR', () => {
  expect(['0', '1', '1500000000', `${MAX_SUPPLY}`].map(formatChoir)).toEqual([
    '0 CHOIR',
    '0.000000001 CHOIR',
    '1.5 CHOIR',
    '10000000000 CHOIR',
  ])
})
