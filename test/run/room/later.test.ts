import { expect, test } from 'vitest'
import { until } from '../../../src/testing/index.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'

const TEXT = `name: p
steps:
  - { id: go, tool: approval-gate, parameters: { title: Go on? } }
outputs: { said: "{{ go.result }}" }
`
const source = { text: TEXT }
const approve = { action: 'approve' }

test('runs of a key: lists, why, the document and the end are those of runs', async () => {
  const { runs, inspector } = await openFolder().open()
  const queue = { key: 'ann' }
  await runs.start({ source, id: 'a', queue })
  await runs.start({ source, id: 'b', queue })
  const listed = async () => (await runs.list()).map(({ id, status }) => `${id} ${status}`).sort()
  await expect.poll(listed).toEqual(['a waiting', 'b waiting'])
  const [detailed] = (await runs.list({ details: true })).filter(({ id }) => id === 'b')
  expect(detailed!.details).toMatchObject({
    total: 0,
    stands: { says: 'number 1 in the queue of the key ann, behind a' },
  })
  expect(await runs.get('b')).toMatchObject({
    status: 'waiting',
    steps: { go: { status: 'queued' } },
    name: 'p',
    success: null,
  })
  const why = await inspector.why('b')
  expect(why).toMatchObject({
    status: 'waiting',
    holds: [{ type: 'queue', key: 'ann', place: 1, behind: [{ kind: 'run', id: 'a' }] }, { type: 'others' }],
    waitsFor: [{ of: 'run-queue/local:ann', waitsFor: [{ of: 'run/a' }] }],
  })
  expect(await inspector.stranded()).toEqual([])
  await expect(runs.settle('b', 'go', { outcome: 'done' })).rejects.toMatchObject({ code: 'run_not_begun' })
  await runs.signal('b', 'go', approve)
  await runs.signal('a', 'go', approve)
  await until(async () => (await runs.get('b')).status === 'completed')
  expect(await runs.get('a')).toMatchObject({ status: 'completed' })
  await expect.poll(() => inspector.actors({ kind: 'run-queue' })).toEqual([])
})

test('a run with a delay is listed with its time, has a budget, and can be cancelled', async () => {
  const { runs, inspector } = await openFolder().open()
  const { id } = await runs.start({ source, delay: '1h', budget: 2, owner: 'ann' })
  const listed = await until(async () => (await runs.list({ owner: 'ann' }))[0])
  expect(listed).toMatchObject({ id, status: 'waiting', name: 'p', owner: 'ann', startsAt: expect.any(Number) })
  expect(listed.startsAt! - listed.startedAt).toBeCloseTo(3_600_000, -4)
  expect(await runs.get(id)).toMatchObject({ status: 'waiting', starts_at: expect.any(String) })
  expect((await inspector.why(id)).holds).toMatchObject([{ type: 'start', until: listed.startsAt }])
  await runs.cancel(id, 'not today')
  await until(async () => (await runs.get(id)).status === 'cancelled')
  expect(await runs.get(id)).toMatchObject({ error: 'not today', error_code: 'cancelled', success: false })
  await expect(runs.signal(id, 'go', approve)).rejects.toMatchObject({ code: 'run_over' })
})

test('the same id is one run, whether it waits or not; a busy key refuses, and lets in when it is free', async () => {
  const { runs } = await openFolder().open()
  const queue = { key: 'ann', onConflict: 'reject' } as const
  await runs.start({ source, id: 'a', queue })
  expect(await runs.start({ source, id: 'a', queue })).toEqual({ id: 'a' })
  await expect(runs.start({ source, id: 'b', queue })).rejects.toMatchObject({ code: 'queue_busy' })
  await expect(runs.start({ source, id: 'a', owner: 'ann' })).rejects.toMatchObject({ code: 'id_taken' })
  expect(await runs.start({ source, queue: { ...queue, onConflict: 'join' } })).toEqual({ id: 'a', joined: true })
  await runs.cancel('a', 'enough')
  await until(async () => (await runs.start({ source, id: 'b', queue }).catch(() => undefined)) !== undefined)
  await until(async () => Object.keys((await runs.get('b')).steps).length > 0)
})

test('the erasure of an owner removes runs that have not begun, and their queue', async () => {
  const { runs, erasures, inspector } = await openFolder().open()
  for (const id of ['a', 'b']) await runs.start({ source, id, owner: 'ann', queue: { key: 'k' } })
  await runs.start({ source, id: 'c', owner: 'ann', delay: '1d' })
  expect((await erasures.forget('ann')).removed).toMatchObject({ runs: 3 })
  expect(await runs.list()).toEqual([])
  await until(async () => (await inspector.actors({ kind: 'run-queue' })).length === 0)
})
