import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineActor } from 'antiphon'
import { gate } from 'antiphon/testing'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { loadConfig } from '../../../src/config/config.ts'
import { createRuntime, type Runtime } from '../../../src/runtime/open/create-runtime.ts'
import { noteDraft } from '../../../src/store/backup/leftover-draft.ts'
import { restoreBackup } from '../../../src/store/backup/restore.ts'
import { verifyBackup } from '../../../src/store/backup/verify.ts'
import { claimFolder } from '../../../src/store/data-folder/owner.ts'

const counter = defineActor({
  kind: 'counter',
  message: z.object({ add: z.number() }),
  initial: () => ({ total: 0 }),
  receive: (state, { add }) => ({ state: { total: state.total + add }, reply: state.total + add }),
})

const openGate = gate()
openGate.release()

/** Goes through a gate in its effect, and says so. */
const walker = (door = openGate) =>
  defineActor({
    kind: 'walker',
    message: z.object({}),
    initial: () => null,
    receive: async (_state, _message, effects) => ({
      reply: await effects.run('walk', () => door.pass().then(() => 'through')),
    }),
  })

async function open(data: string, door = openGate): Promise<Runtime> {
  const config = await loadConfig({ folder: data, data, environment: {} })
  const runtime = await createRuntime({ ...config, embedder: 'none' }, { actors: [counter, walker(door)] })
  onTestFinished(() => runtime.stop({ grace: 0 }))
  return runtime
}

test('opening the folder removes the draft of a backup that was killed', async () => {
  const data = await mkdtemp(join(tmpdir(), 'antiphon-left-'))
  onTestFinished(() => rm(data, { recursive: true, force: true }))
  const draft = join(data, 'one.backup.draft')
  const owner = await claimFolder(data, { command: 'killed' })
  if (!owner.taken) owner.release()
  await writeFile(draft, 'half')
  await noteDraft(data, draft)
  await open(data)
  await expect(stat(draft)).rejects.toMatchObject({ code: 'ENOENT' })
})

const KEYS = ['a', 'b', 'c', 'd']
const add = (runtime: Runtime, key: string, amount: number) =>
  runtime.engine.ask({ kind: 'counter', key }, { add: amount }) as Promise<number>

test('under load it holds all that was acknowledged before, and work goes on', { timeout: 60_000 }, async () => {
  const home = await mkdtemp(join(tmpdir(), 'antiphon-backup-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const held = gate()
  const runtime = await open(join(home, 'data'), held)
  const walk = runtime.engine.ask({ kind: 'walker', key: 'one' }, {}, { id: 'the walk' })
  await held.started

  const acked = new Map(KEYS.map((key) => [key, 0]))
  let working = true
  const work = async (key: string) => {
    while (working) acked.set(key, await add(runtime, key, 1))
  }
  const clients = KEYS.map(work)
  while ([...acked.values()].some((total) => total < 50)) await add(runtime, 'tick', 1)
  const before = new Map(acked)
  const file = join(home, 'one.backup')
  const made = await runtime.maintenance.backup(file)
  const after = new Map(acked)
  working = false
  await Promise.all(clients)
  held.release()
  expect(await walk).toBe('through')
  expect(made.bytes).toBeGreaterThan(0)
  for (const key of KEYS) expect(after.get(key)).toBeGreaterThan(before.get(key)!)

  expect(verifyBackup(file).faults).toEqual([])
  await restoreBackup(file, join(home, 'restored'))
  const restored = await open(join(home, 'restored'))
  await restored.engine.start()
  for (const key of KEYS) {
    const total = await add(restored, key, 0)
    expect(total).toBeGreaterThanOrEqual(before.get(key)!)
    expect(total).toBeLessThanOrEqual(acked.get(key)!)
  }
  // what was under way goes on in the copy too, and answers under its id
  expect(await restored.engine.ask({ kind: 'walker', key: 'one' }, {}, { id: 'the walk' })).toBe('through')
})

test('ends with its runtime', async () => {
  const home = await mkdtemp(join(tmpdir(), 'antiphon-backup-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const runtime = await open(join(home, 'data'))
  const making = runtime.maintenance.backup(join(home, 'one.backup'))
  const outcome = making.then(
    () => 'made',
    (error) => error.code,
  )
  await runtime.stop()
  expect(['made', 'cancelled']).toContain(await outcome)
  await expect(runtime.maintenance.backup(join(home, 'two.backup'))).rejects.toMatchObject({ code: 'cancelled' })
})

test('entries of the ledger survive a restart, the retention, and a backup that is restored', async () => {
  const home = await mkdtemp(join(tmpdir(), 'antiphon-ledger-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const openLedger = async (data: string) => {
    const config = await loadConfig({ folder: home, data, environment: {} })
    const retention = { runs: 0, runDays: 0, deadLetterDays: 0, auditDays: 0 }
    const runtime = await createRuntime({ ...config, embedder: 'none', ledger: {}, retention })
    onTestFinished(() => runtime.stop({ grace: 0 }))
    return runtime
  }
  const first = { type: 'novelty', ask: 'ask_1', amount: '9999999999999999995' } as const
  const before = await openLedger(join(home, 'data'))
  const receipt = await before.ledger.book('ann', first)
  await before.stop()
  const after = await openLedger(join(home, 'data'))
  expect((await after.maintenance.gc()).items).toEqual([])
  await after.ledger.book('bob', { ...first, amount: '5' })
  const file = join(home, 'one.backup')
  await after.maintenance.backup(file)
  await restoreBackup(file, join(home, 'restored'))
  const { ledger } = await openLedger(join(home, 'restored'))
  expect(await ledger.book('ann', first)).toEqual(receipt)
  await expect(ledger.book('bob', { ...first, ask: 'ask_2', amount: '1' })).rejects.toMatchObject({
    code: 'mint_exceeds_cap',
  })
  expect(await ledger.verify()).toMatchObject({ ok: true, entries: 2, minted: '10000000000000000000' })
})
