import { expect, it } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

/** An extension of a project whose chain is a file beside it. */
const BANK = `
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
const path = new URL('./chain.json', import.meta.url)
const read = () => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {})
export default {
  name: 'bank',
  version: '0.1.0',
  settlement: ({ settings, key }) => ({
    readAddress: (given) => given.toLowerCase(),
    async sign(payments) {
      const bytes = JSON.stringify(payments)
      return { status: 'signed', transaction: { bytes, signature: String((await key()).length), digest: settings.treasury + payments.length } }
    },
    statusOf: async ({ digest }) => (read()[digest] ? { status: 'landed' } : { status: 'unknown', why: 'It is not known.' }),
    async submit({ digest, bytes }) {
      if (existsSync(new URL('./down', import.meta.url))) throw new Error('The bank is closed.')
      writeFileSync(path, JSON.stringify({ ...read(), [digest]: JSON.parse(bytes) }))
      return { status: 'landed' }
    },
    balanceOf: async (address) =>
      String(Object.values(read()).flat().reduce((sum, { to, amount }) => sum + (to === address ? BigInt(amount) : 0n), 0n)),
  }),
}
`

it('an owner agrees, its citations are paid, and the commands say how far that is', async () => {
  const { run, write, folder } = openBench(REAL)
  const ledger = (...args: readonly string[]) => run('ledger', ...args)
  write('bank.mjs', BANK)
  write(
    'antiphon.yaml',
    'embedder: none',
    "use: ['./bank.mjs']",
    'ledger: { settlement: { treasury: t1, key: secret://bank } }',
  )
  expect(await ledger('address', 'set', '0xAB')).toMatchObject({ code: 2, err: expect.stringContaining('for good') })
  expect(await ledger('address', 'set', '0xAB', '--agree')).toMatchObject({ code: 0, out: 'local: 0xab\n' })

  const environment = { ANTIPHON_SECRET_BANK: 'secret-of-the-bank' }
  const runtime = await createRuntime(await loadConfig({ folder, environment }))
  for (const ask of ['ask_1', 'ask_2'])
    await runtime.ledger.book('local', { type: 'citation', ask, record: 'prior', amount: '5000000000' })
  expect(await runtime.ledger.settle()).toMatchObject({ paid: 2, units: '10000000000', isDue: false })
  await runtime.ledger.book('local', { type: 'citation', ask: 'ask_3', record: 'prior', amount: '1' })
  write('down', '')
  const closed = await runtime.ledger.settle()
  expect(closed).toMatchObject({
    inFlight: { digest: 't11', citations: 1 },
    problem: 'The bank is closed.',
    isDue: true,
  })
  expect(JSON.stringify(await runtime.inspector.actor('settlement/t1'))).not.toContain(environment.ANTIPHON_SECRET_BANK)
  await runtime.stop()

  expect((await ledger('balance', '--sui')).out).toBe('local: 0xab, which has 10 CHOIR on the chain\n')
  const both = await ledger('balance', 'ann', '--sui')
  expect(both).toMatchObject({ code: 2, out: '', err: expect.stringContaining('Expected no owner.') })
  const tried = await ledger('reconcile')
  expect(tried).toMatchObject({ code: 1, out: expect.stringContaining('in flight: t11, 1 citation, since') })
  expect(tried.out).toContain('The bank is closed. It is tried again.')
  const why = await run('why', 'settlement/t1')
  expect(why.out).toContain('transaction t11 with 1 citations is in flight. The bank is closed.')
})

it('doctor says what pays citations, or what is missing for that', async () => {
  const { run, write } = openBench(REAL)
  write('antiphon.yaml', 'embedder: none', 'ledger: { settlement: { treasury: t1, key: secret://bank } }')
  expect((await run('doctor')).out).toMatch(/^BAD +ledger +No extension pays citations\./m)
  write('bank.mjs', BANK)
  write(
    'antiphon.yaml',
    ...['embedder: none', "use: ['./bank.mjs']"],
    'ledger: { settlement: { treasury: t1, key: secret://bank } }',
  )
  expect((await run('doctor')).out).toMatch(/^ok +ledger .*; citations are paid from t1: antiphon ledger reconcile$/m)
})
