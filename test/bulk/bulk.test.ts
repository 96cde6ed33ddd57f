import { expect, test } from 'vitest'
import { bulkRef } from '../../src/bulk/actor.ts'
import { cursorOfBulk } from '../../src/bulk/room/port.ts'
import { asCaller } from '../../src/house/request-caller.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { until } from '../../src/testing/until.ts'
import { openFolder } from '../runtime/inspect/folder.ts'

const GATE = 'name: gate\nsteps: [{ id: ok, tool: approval-gate, parameters: { title: Send it? } }]'
const BROKEN = 'name: broken\nsteps: [{ id: read, tool: filesystem, action: read, parameters: { path: missing.log } }]'

type Runtime = Awaited<ReturnType<ReturnType<typeof openFolder>['open']>>

async function startMany(runtime: Runtime, text: string, count: number, owner?: string) {
  const ids: string[] = []
  for (let n = 0; n < count; n++) {
    const { id } = await runtime.runs.start({ source: { text }, ...(owner !== undefined && { owner }) })
    ids.push(id)
  }
  await runtime.idle()
  return ids
}

const untilDone = (runtime: Runtime, id: string) =>
  until(async () => {
    const bulk = await runtime.bulks.get(id)
    return bulk.status === 'done' ? bulk : undefined
  })

test('a filter picks the open runs, a dry run changes nothing, and each run is counted once', async () => {
  const runtime = await openFolder().open()
  const open = await startMany(runtime, GATE, 3)
  const [ended] = await startMany(runtime, BROKEN, 1)
  const asked = { action: 'cancel', where: { name: 'gate' } } as const
  const dry = await runtime.bulks.start({ ...asked, dryRun: true })
  expect({ ...dry, runs: [...dry.runs!].sort() }).toMatchObject({ status: 'dry-run', total: 3, runs: [...open].sort() })
  expect(dry).not.toHaveProperty('id')
  expect(await runtime.runs.counts()).toMatchObject({ waiting: 3 })

  const { id } = await runtime.bulks.start({ ...asked, reason: 'wrong input', id: 'b1' })
  expect(await untilDone(runtime, id!)).toMatchObject({ total: 3, done: 3, skipped: 0, failed: 0 })
  await until(async () => (await runtime.runs.counts()).cancelled === 3)
  expect(await runtime.runs.get(open[0]!)).toMatchObject({ status: 'cancelled', error: 'wrong input' })

  // the same id begins it once
  expect(await runtime.bulks.start({ ...asked, id: 'b1' })).toMatchObject({ id: 'b1', status: 'done', total: 3 })
  for (const other of [
    { action: 'resume', where: { name: 'gate' } },
    { ...asked, where: { name: 'other' } },
    { ...asked, undo: true },
    { action: 'cancel', runs: open },
  ] as const)
    await expect(runtime.bulks.start({ ...other, id: 'b1' })).rejects.toMatchObject({ code: 'id_taken' })
  const twins = [asked, { ...asked, undo: true }].map((one) => runtime.bulks.start({ ...one, id: 'b2' }))
  expect((await Promise.allSettled(twins)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  const again = await runtime.bulks.start({ action: 'cancel', runs: [...open, ended!, 'run_none', 'run_none'] })
  const report = await untilDone(runtime, again.id!)
  expect(report).toMatchObject({ total: 5, done: 0, skipped: 4, failed: 1 })
  expect(report.failures).toEqual([expect.objectContaining({ run: 'run_none', code: 'not_found' })])
})

test('failed runs are forked once each, and the others of a list are forked beside one that is missing', async () => {
  const runtime = await openFolder().open()
  const ids = await startMany(runtime, BROKEN, 2)
  const { id } = await runtime.bulks.start({ action: 'fork', runs: [...ids, 'run_none'], at: 'read', id: 'again' })
  expect(await untilDone(runtime, id!)).toMatchObject({ done: 2, failed: 1 })
  await runtime.idle()
  const forks = (await runtime.runs.list({ name: 'broken' })).map((run) => run.id)
  expect(forks.sort()).toEqual([...ids, 'again-1', 'again-2'].sort())
})

test('a process works until its operations are done, and the audit says once who began each, and on which runs', async () => {
  const runtime = await openFolder().open()
  const by = { type: 'user', name: 'ann', through: 'cli' } as const
  const where = { status: 'waiting', owner: 'bob', since: 0, top: true }
  const asked = { action: 'cancel', where, reason: 'wrong input', id: 'b1' } as const
  await asCaller(by, () => runtime.bulks.start(asked))
  await asCaller(by, () => runtime.bulks.start(asked))
  // the ids of all runs are longer than a message may be
  const runs = Array.from({ length: 1_500 }, (_, n) => `none_${n}`.padEnd(200, '_'))
  const begun = asCaller(by, () => runtime.bulks.start({ action: 'fork', runs, at: 'read', id: 'b2' }))
  await runtime.idle()
  expect(await runtime.bulks.get('b2')).toMatchObject({ status: 'done', failed: 1_500 })
  await begun
  const lines = await runtime.access.audit.list({ of: 'acts' })
  expect(lines.map(({ cursor: _, at: __, ...line }) => line)).toEqual([
    {
      ...{ owner: 'bob', what: 'runs-cancelled', outcome: '0 runs', target: 'b1', by, reason: 'wrong input' },
      title: 'status waiting, owner bob, since 1970-01-01T00:00:00.000Z, no child runs',
    },
    {
      ...{ owner: 'local', what: 'runs-forked', outcome: '1500 runs', target: 'b2', by },
      title: 'by their ids, again from step read',
    },
  ])
})

test('an operation that was cut off goes on behind its last record, and forks nothing twice', async () => {
  const { open } = openFolder()
  const first = await open()
  const ids = await startMany(first, BROKEN, 3)
  // a process that was killed after the fork of the first run, and before the record of the portion, leaves this
  const ask = (message: { [field: string]: Json }, id = 'cut') =>
    first.engine.ask(bulkRef(id), { owner: 'local', pick: '1', ...message })
  await ask({ type: 'pick', portion: 0, runs: ids })
  const begun = { action: { type: 'fork' }, reach: 'all', trusted: true, total: ids.length, content: 'a digest' }
  await ask({ type: 'begin', ...begun })
  // and one that was killed while it picked the runs leaves this
  await ask({ type: 'pick', portion: 0, runs: ids }, 'picked')
  await expect(first.bulks.get('picked')).rejects.toMatchObject({ code: 'not_found' })
  expect(await first.bulks.list()).toMatchObject([{ id: 'cut' }])
  await first.runs.fork(ids[0]!, { id: 'cut-1' })
  await first.stop()

  const second = await open()
  expect(await untilDone(second, 'cut')).toMatchObject({ done: 3, failed: 0 })
  await second.idle()
  expect((await second.runs.list({ name: 'broken' })).length).toBe(6)
  expect(await second.engine.view.peek(bulkRef('picked'))).toBeUndefined()
})

test('callers reach their own runs only, and see their own operations only', async () => {
  const runtime = await openFolder().open()
  const [mine] = await startMany(runtime, GATE, 1, 'ann')
  const [other] = await startMany(runtime, GATE, 1, 'bob')
  const ann = { owner: 'ann', isAdmin: false, trusted: false }
  const dry = await runtime.bulks.start({ action: 'cancel', where: { name: 'gate' }, dryRun: true }, ann)
  expect(dry.runs).toEqual([mine])
  const ofBob = { action: 'cancel', where: { owner: 'bob' }, dryRun: true } as const
  expect([await runtime.bulks.start(ofBob, ann), await runtime.bulks.start(ofBob)]).toMatchObject([
    { total: 0 },
    { total: 1, runs: [other] },
  ])
  const { id } = await runtime.bulks.start({ action: 'cancel', runs: [mine!, other!] }, ann)
  expect(await untilDone(runtime, id!)).toMatchObject({ done: 1, failures: [{ run: other, code: 'not_found' }] })
  expect(await runtime.runs.counts({ owner: 'bob' })).toMatchObject({ waiting: 1 })
  await expect(runtime.bulks.get(id!, { ...ann, owner: 'bob' })).rejects.toMatchObject({ code: 'not_found' })
  await runtime.bulks.start({ action: 'resume', runs: [other!], id: 'newest' })
  const all = await runtime.bulks.list()
  expect(all).toMatchObject([
    { id: 'newest', owner: 'local', action: 'resume', total: 1 },
    { id, owner: 'ann', failed: 1 },
  ])
  expect(await runtime.bulks.list({ owner: 'ann' })).toEqual([all[1]])
  expect(await runtime.bulks.list({ limit: 1, after: cursorOfBulk(all[0]!) })).toEqual([all[1]])
  // what an operation of another caller says of a run goes with the owner of the run
  const [broken] = await startMany(runtime, BROKEN, 1, 'ann')
  const forked = await runtime.bulks.start({ action: 'fork', runs: [broken!, 'run_none'], at: 'no_such_step' })
  const failures = async () => (await untilDone(runtime, forked.id!)).failures.map(({ run }) => run)
  expect(await failures()).toEqual([broken, 'run_none'])
  const removed = { 'operations on many runs': 1, 'runs in operations': 1 }
  expect((await runtime.erasures.forget('ann')).removed).toMatchObject(removed)
  expect(await failures()).toEqual(['run_none'])
  expect((await runtime.bulks.list())[0]).toMatchObject({ id: forked.id, total: 2, failed: 2 })
})
