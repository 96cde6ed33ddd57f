import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { COMMONS } from '../../src/commons/actor.ts'
import { loadConfig } from '../../src/config/config.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

it('shows, exports and verifies a ledger, and says when it is off', async () => {
  const { run, write, folder, path } = openBench(REAL)
  const ledger = (...args: readonly string[]) => run('ledger', ...args)
  write('antiphon.yaml', 'embedder: none', 'ledger: { sharing: public }')
  const runtime = await createRuntime(await loadConfig({ folder, environment: {} }))
  const { op, hash } = await runtime.ledger.book('ada', { type: 'novelty', ask: 'ask_1', amount: '5000000000' })
  await runtime.ledger.book('bob', { type: 'citation', ask: 'ask_2', record: 'note', amount: '1' })
  await runtime.engine.tell(COMMONS, { type: 'ended', ask: 'ask_3', owner: 'local', cites: ['prior_1'] })
  await runtime.idle()
  await runtime.stop()

  expect((await ledger('balance', 'ada')).out).toMatch(/^ada: 5 CHOIR, from 1 reward; account acc_\S{16}\n$/)
  expect(JSON.parse((await ledger('balance', '--json')).out)).toEqual({ owner: 'local', balance: '0', entries: 0 })
  expect((await ledger('history')).out).toMatch(/\n2 .* 0\.000000001 CHOIR +citation:ask_2:note\n1 .* 5 CHOIR +novelty/)
  expect(JSON.parse((await ledger('history', '--owner', 'ada', '--json')).out)).toMatchObject([{ n: 1, op }])
  expect((await ledger('rewards', 'ask_3')).out).toBe('citation of prior_1: unknown_record, 0 CHOIR\n')
  expect((await ledger('receipt', op)).out).toBe(`entry 1, hash ${hash}\n`)
  expect(await ledger('export', 'all.ndjson')).toMatchObject({ code: 0, err: 'Exported 2 entries to all.ndjson.\n' })
  expect(await ledger('export', 'all.ndjson')).toMatchObject({ code: 2, err: expect.stringContaining('--force') })
  expect((await ledger('export')).out).toBe(readFileSync(path('all.ndjson'), 'utf8'))
  expect((await run('doctor', '--deep')).out).toMatch(/^ok +ledger +2 entries, 5\.000000001 CHOIR; .* is sound$/m)

  expect((await ledger('share', 'on')).out).toMatch(/^on since .*: questions of local are shared\n$/)
  write('antiphon.yaml', 'embedder: none')
  expect(await ledger('share', 'on')).toMatchObject({ code: 2, err: expect.stringContaining('sharing: public') })
  expect(await ledger('balance')).toMatchObject({
    code: 2,
    err: 'The ledger is off.\n  To turn it on: ledger: local in antiphon.yaml\n',
  })
  // a check needs neither the folder nor the setting
  expect(await ledger('verify', 'all.ndjson', '--data', 'x')).toMatchObject({ code: 2 })
  expect(await ledger('verify', 'all.ndjson')).toMatchObject({ code: 0, out: expect.stringContaining('is sound') })
  write('forged.ndjson', readFileSync(path('all.ndjson'), 'utf8').replace('"5000000000"', '"9000000000"'))
  const forged = await ledger('verify', 'forged.ndjson', '--json')
  expect([forged.code, JSON.parse(forged.out)]).toMatchObject([1, { ok: false, damage: { line: 2, n: 1 } }])
})
