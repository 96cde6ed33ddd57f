import { expect, it, onTestFinished } from 'vitest'
import { restateEngine } from '../../src/engine/restate/engine.ts'
import { accountActor } from '../../src/ledger/account.ts'
import { ledgerActor } from '../../src/ledger/actor.ts'
import { useLedger } from '../../src/ledger/room/use-ledger.ts'
import { describeOnRestate, useRestate } from '../engine/restate/server.ts'

describeOnRestate('on a Restate server', () => {
  const server = useRestate()

  it('operations are booked once, and read as on one machine', async () => {
    const engine = restateEngine({ ...server.now(), namespace: 'ledger', actors: [ledgerActor(), accountActor()] })
    onTestFinished(() => engine.stop({ grace: 0 }))
    await engine.start()
    const ledger = useLedger({ engine, config: {}, secret: async () => undefined, checkOwner: async () => {} })
    const book = (n: number) => ledger.book(`owner-${n % 2}`, { type: 'novelty', ask: `ask_${n}`, amount: `${n + 1}` })
    const first = await book(0)
    // all at once, each of them twice
    const receipts = await Promise.all(Array.from({ length: 60 }, (_, n) => book(n % 30)))
    expect(receipts[0]).toEqual(first)
    for (let n = 0; n < 30; n++) expect(receipts[n]).toEqual(receipts[n + 30])
    expect(await ledger.verify()).toMatchObject({ ok: true, entries: 30, minted: '465' })
    expect(await ledger.receipt(receipts[7]!.op)).toEqual(receipts[7])
    await expect(ledger.receipt(`novelty:none:acc_0000000000000000`)).rejects.toMatchObject({ code: 'not_found' })
    expect(await ledger.balance({ owner: 'owner-0' })).toMatchObject({ balance: '225', entries: 15 })
    expect((await ledger.history({ owner: 'owner-1', limit: 4 })).length).toBe(4)
    await expect(ledger.book('owner-0', { type: 'novelty', ask: 'ask_0', amount: '9' })).rejects.toMatchObject({
      code: 'operation_conflict',
    })
  })
})
