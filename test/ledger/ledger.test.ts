import { expect, test } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import { accountActor } from '../../src/ledger/account.ts'
import { ledgerActor } from '../../src/ledger/actor.ts'
import { LEDGER_CONTRACT } from '../../src/ledger/room/contract.ts'
import { openLedger } from '../../src/ledger/room/open-port.ts'
import { useLedger } from '../../src/ledger/room/use-ledger.ts'
import { viewLedger } from '../../src/ledger/room/view.ts'

const novelty = (ask: string, amount = '1') => ({ type: 'novelty', ask, amount }) as const

/** A ledger in memory, as programs use it. */
function openHouse() {
  const engine = inlineEngine({ actors: [ledgerActor(), accountActor()] })
  return {
    engine,
    ledger: useLedger({ engine, config: {}, secret: async () => undefined, checkOwner: async () => {} }),
  }
}

const caller = (owner: string) => ({ caller: { owner, local: false }, isAdmin: false })

test('pages of an owner skip the entries of others, however far apart its own are', async () => {
  const { ledger } = openHouse()
  await ledger.book('ann', novelty('first'))
  for (let n = 0; n < 420; n++) await ledger.book(n === 210 ? 'ann' : 'bob', novelty(`ask_${n}`))
  await ledger.book('ann', novelty('last'))
  const numbers = async (query: object) => (await ledger.history(query)).map(({ n }) => n)
  expect(await numbers({ owner: 'ann' })).toEqual([422, 212, 1])
  expect(await numbers({ owner: 'ann', limit: 1, after: '422' })).toEqual([212])
  expect(await numbers({ owner: 'ann', after: '212' })).toEqual([1])
  expect(await numbers({ owner: 'bob', limit: 3, after: '213' })).toEqual([211, 210, 209])
  expect(await numbers({ limit: 3, after: '300' })).toEqual([299, 298, 297])
  expect(await numbers({ owner: 'eve' })).toEqual([])
  await expect(ledger.history({ after: 'x' })).rejects.toMatchObject({ code: 'bad_cursor' })
  expect(await ledger.balance({ owner: 'bob' })).toMatchObject({ balance: '419', entries: 419 })
  // an export comes in pieces, and verifies
  let pieces = 0
  for await (const piece of ledger.export()) pieces += piece.endsWith('\n') ? 1 : Number.NaN
  expect(pieces).toBe(4)
  expect(await ledger.verify()).toMatchObject({ ok: true, entries: 422, minted: '422' })
})

test('an owner sees what is its own, an admin sees all, and no view books', async () => {
  const { ledger } = openHouse()
  const gift = { ...novelty('ask_1', '5'), type: 'gift' } as never
  await expect(ledger.book('ann', gift)).rejects.toThrow(/^reward\.type: expected one of novelty, citation/)
  const { op } = await ledger.book('ann', novelty('ask_1', '5'))
  await ledger.book('bob', novelty('ask_2', '7'))
  const [ann, bob] = [viewLedger(ledger, caller('ann')), viewLedger(ledger, caller('bob'))]
  expect(await ann.balance()).toMatchObject({ owner: 'ann', balance: '5' })
  expect((await ann.history({ limit: 10 })).items.map(({ n }) => n)).toEqual([1])
  expect(await ann.receipt(op)).toMatchObject({ op, n: 1 })
  const refused = { code: 'scope_missing' }
  await expect(bob.balance({ owner: 'ann' })).rejects.toMatchObject(refused)
  await expect(bob.history({ limit: 10, owner: 'ann' })).rejects.toMatchObject(refused)
  await expect(bob.receipt(op)).rejects.toMatchObject({ code: 'not_found' })
  expect(() => bob.export()).toThrow(expect.objectContaining(refused))
  const admin = viewLedger(ledger, { ...caller('eve'), isAdmin: true })
  expect((await admin.history({ limit: 10 })).items.map(({ n }) => n)).toEqual([2, 1])
  expect(await admin.history({ limit: 1 })).toMatchObject({ next: '2' })
  expect(await admin.receipt(op)).toMatchObject({ n: 1 })
  expect(admin).not.toHaveProperty('book')
  for (let ask = 3; ask < 8; ask++)
    await ledger.book(ask === 5 ? 'bob' : 'ann', { type: 'citation', ask: `ask_${ask}`, record: 'r', amount: '1' })
  // 1 is no citation, 5 is bob's, 9 does not exist
  for (const n of [1, 5, 9]) await expect(ann.markRead(n)).rejects.toMatchObject({ code: 'not_found' })
  await expect(viewLedger(ledger, caller('new')).markRead(1)).rejects.toMatchObject({ code: 'not_found' })
  for (const n of [3, 6, 6, 7]) await ann.markRead(n)
  expect(await ann.readAmong([7, 6, 4], { owner: 'ann' })).toEqual(new Set([6, 7]))
  expect(await admin.readAmong([7, 3], { owner: 'ann' })).toEqual(new Set([3, 7]))
  expect(await admin.readAmong([4, 3], { owner: 'ann' })).toEqual(new Set([3]))
  await expect(bob.readAmong([3], { owner: 'ann' })).rejects.toMatchObject(refused)
  // nothing mints on request: what is not only read names neither an amount nor a recipient of another owner
  const writes = Object.values(LEDGER_CONTRACT).filter(({ method }) => method !== 'get')
  expect(writes.map(({ name }) => name)).toEqual(['ledger.setAddress', 'ledger.settle'])
})

test('a ledger that is off says how to turn it on, and has no actor', async () => {
  const { engine } = openHouse()
  const ledger = openLedger({ engine, config: {} as Config, secret: async () => undefined, checkOwner: async () => {} })
  const off = { code: 'ledger_off', hint: expect.stringContaining('ledger: local') }
  await expect(ledger.balance()).rejects.toMatchObject(off)
  await expect(ledger.book('ann', novelty('ask_1'))).rejects.toMatchObject(off)
  await expect(ledger.settle()).rejects.toMatchObject(off)
  const on = openLedger({
    engine,
    config: { ledger: {} } as Config,
    secret: async () => undefined,
    checkOwner: async () => {},
  })
  const lacks = { code: 'settlement_off', hint: expect.stringContaining('settlement') }
  await expect(on.settle()).rejects.toMatchObject(lacks)
  await expect(on.setAddress({ address: '0xA', agreed: true })).rejects.toMatchObject(lacks)
  await expect(ledger.export()[Symbol.asyncIterator]().next()).rejects.toMatchObject(off)
  expect(await engine.view.inspect()).toEqual([])
})
