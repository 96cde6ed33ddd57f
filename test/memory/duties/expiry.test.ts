import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { expiryDuty } from '../../../src/memory/duties/expiry.ts'
import { openFile } from '../folder.ts'

const DAY = 86_400_000
const { signal } = new AbortController()

test('a record is hidden at its time, and its memory erases it without a write', async () => {
  const { memory, clock, folder, calls } = openFile()
  const ada = memory()
  await ada.add([
    { text: 'Quokka password', expires: 2_000 },
    { text: 'later', expires: 9_000 },
  ])
  const duty = expiryDuty(calls())
  expect(await duty.run('ada', signal)).toEqual({ next: 2_000 })
  clock.now = 2_000
  expect((await ada.list()).map(({ text }) => text)).toEqual(['later'])
  expect((await ada.search({ text: 'quokka' })).records).toEqual([])
  expect(await duty.run('ada', signal)).toEqual({ did: { records: 1 }, next: 2_000 })
  for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name)).includes('Quokka')).toBe(false)
  expect(await duty.run('ada', signal)).toEqual({ next: 9_000 })
  expect((await ada.changes.list())[0]).toMatchObject({ type: 'expire', count: 1 })
  expect(await duty.run('nobody', signal)).toEqual({})
})

test('a record that expired may be added again before it is erased', async () => {
  const { memory, clock } = openFile()
  await memory().add([{ id: 'a', text: 'one', expires: 2_000 }])
  clock.now = 2_000
  expect((await memory().add([{ id: 'a', text: 'two' }])).records).toMatchObject([{ status: 'added' }])
})

test('keepDays and keepRows erase the oldest records, and pinned ones stay', async () => {
  const { memory, clock, calls } = openFile()
  clock.now = 10 * DAY
  const ada = memory()
  await ada.add([{ id: 'pinned', text: 'pinned', pinned: true }])
  for (const id of ['a', 'b', 'c']) {
    await ada.add([{ id, text: id }])
    clock.now += DAY
  }
  const ids = async () => (await ada.list()).map(({ id }) => id)
  const days = expiryDuty(calls(), { keepDays: 3 })
  expect(await days.run('ada', signal)).toEqual({ did: { records: 1 }, next: clock.now })
  expect(await ids()).toEqual(['c', 'b', 'pinned'])
  expect(await days.run('ada', signal)).toEqual({ next: 14 * DAY })
  const rows = expiryDuty(calls(), { keepRows: 1 })
  await rows.run('ada', signal)
  expect(await ids()).toEqual(['c', 'pinned'])
  expect(await rows.run('ada', signal)).toEqual({})
})

test('thousands of expired records are erased in portions', async () => {
  const { memory, clock, calls } = openFile()
  const records = Array.from({ length: 600 }, (_, at) => ({ id: `${at}`, text: `${at}`, expires: 2_000 }))
  await memory().add(records)
  clock.now = 2_000
  const duty = expiryDuty(calls())
  expect((await duty.run('ada', signal)).did).toEqual({ records: 500 })
  expect((await duty.run('ada', signal)).did).toEqual({ records: 100 })
  expect(await memory().stats()).toMatchObject({ records: 0, pending: 0 })
})

test('a duty looks again after a minute while the clock is past the trusted time', async () => {
  const { memory, clock, calls } = openFile()
  await memory().add([{ text: 'Quokka password', expires: 2_000 }])
  const duty = expiryDuty({ ...calls(), now: () => 30 * DAY })
  expect(await duty.run('ada', signal)).toEqual({ next: 30 * DAY + 60_000 })
  clock.now = 2_000
  expect(await duty.run('ada', signal)).toMatchObject({ did: { records: 1 } })
})
