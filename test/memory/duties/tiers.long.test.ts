import { expect, test } from 'vitest'
import { describeMemory } from '../../../src/cli/doctor/memory.ts'
import { tiersDuty } from '../../../src/memory/duties/tiers.ts'
import { createReadCounts } from '../../../src/memory/reads.ts'
import { openConnection } from '../../../src/memory/store/connection.ts'
import { type TierSettings, tierRules } from '../../../src/memory/tier/rules.ts'
import { openFile } from '../folder.ts'

const HOUR = 3_600_000
const { signal } = new AbortController()

/** A memory with its duty. `run` does what is due, and gives the counts. */
function open(settings: TierSettings = {}) {
  const file = openFile()
  const duty = tiersDuty(file.calls(), tierRules(settings))
  const ada = file.memory()
  return {
    ...file,
    ada,
    duty,
    run: async () => (await duty.run('ada', signal)).did ?? {},
    next: async () => (await duty.run('ada', signal)).next,
    in: async (tier: 'short' | 'intermediate' | 'long') =>
      (await ada.list({ tier, limit: 10_000 })).map(({ id }) => id),
    /** A change of the file behind the back of memory. */
    damage(sql: string) {
      const connection = openConnection(file.path, 'write')
      connection.run(sql)
      connection.close()
    },
  }
}

test('A3: of 110 young records above a limit of 100, exactly the 10 with the highest score move', async () => {
  const { ada, clock, run, in: within } = open({ short: { limit: 100 } })
  for (let at = 0; at < 110; at += 10) {
    clock.now = 10_000 + at
    await ada.add(
      Array.from({ length: 10 }, (_, one) => ({
        id: `r${at + one}`,
        text: `${at + one}`,
        importance: one === 9 ? 1 : 0,
      })),
    )
  }
  clock.now = 20_000
  expect(await run()).toEqual({ moved: 10 })
  const oldest = ['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8', 'r10']
  expect((await within('intermediate')).sort()).toEqual(oldest.sort())
  expect(await run()).toEqual({})
})

test('A4: a record moves at its age and not before, and can always be read by id', async () => {
  const { ada, clock, run, next, in: within } = open()
  clock.now = HOUR
  await ada.add([
    { id: 'a', text: 'a' },
    { id: 'pinned', text: 'pinned', pinned: true },
  ])
  await ada.add([{ id: 'p', text: 'a part', kind: 'passage' }])
  expect(await within('long')).toEqual(['p'])
  clock.now = 2 * HOUR - 1
  expect(await run()).toEqual({})
  expect(await next()).toBe(2 * HOUR)
  expect((await ada.get('a')).tier).toBe('short')
  clock.now = 2 * HOUR
  expect(await run()).toEqual({ moved: 1 })
  expect((await ada.get('a')).tier).toBe('intermediate')
  expect(await next()).toBe(25 * HOUR)
  clock.now = 25 * HOUR
  expect(await run()).toEqual({ moved: 1 })
  expect(await within('long')).toEqual(['p', 'a'])
  expect(await within('short')).toEqual(['pinned'])
  clock.now = 9e9
  expect(await run()).toEqual({})
})

test('a clock that was set back makes nothing due', async () => {
  const { ada, clock, run } = open()
  clock.now = 10 * HOUR
  await ada.add([{ id: 'a', text: 'a' }])
  clock.now = HOUR
  expect(await run()).toEqual({})
})

test('A5: one of 20 records that cannot be converted stays, is tried again, and is quarantined at last', async () => {
  const { ada, clock, duty, run, next, damage, folder, in: within } = open()
  await ada.add(
    Array.from({ length: 20 }, (_, at) => ({ id: `r${at}`, text: `kiln ${at}`, data: { n: at + 0.12345 } })),
  )
  damage(`update record set data = '{"n": 7.1', text = 'kiln seven' where id = 'r7'`)
  clock.now += 24 * HOUR
  expect(await duty.run('ada', signal)).toEqual({ did: { moved: 38, failed: 1 }, next: clock.now + 60_000 })
  expect((await ada.stats()).quarantined).toBe(1)
  expect((await within('long')).length).toBe(19)
  expect(await run()).toEqual({})
  for (const minutes of [1, 5]) {
    const due = (await next())!
    expect(due - clock.now).toBeLessThanOrEqual(minutes * 60_000)
    clock.now = due
    expect(await run()).toEqual(minutes === 1 ? { failed: 1 } : { quarantined: 1 })
  }
  clock.now += 24 * HOUR
  expect(await run()).toEqual({})
  await expect(ada.get('r7')).rejects.toMatchObject({ code: 'record_quarantined' })
  expect(await ada.stats()).toMatchObject({ quarantined: 1, tiers: { long: { records: 19 }, short: { records: 1 } } })
  await expect(describeMemory(folder)).rejects.toThrow('1 record of 20')
  expect((await ada.list({ limit: 100 })).length).toBe(19)
  expect((await ada.search({ text: 'kiln seven' })).records.map(({ id }) => id)).not.toContain('r7')
  expect((await ada.list({ where: { n: 1.1 } })).map(({ id }) => id)).toEqual(['r1'])
  expect((await ada.forget({ id: 'r7' })).removed.records).toBe(1)
  expect(await describeMemory(folder)).toBe('19 records')
})

test('A7: a record in long is found by its JSON, by its text and by id, and its text is whole', async () => {
  const { ada, clock, run } = open()
  const text = `Kiln ${'x'.repeat(5_000)} glaze`
  await ada.add([{ id: 'a', text, data: { heat: 900.4567, trace: 'gone', color: 'blue' } }])
  clock.now += 24 * HOUR
  expect(await run()).toEqual({ moved: 2 })
  const found = { id: 'a', text, data: { heat: 900.5, color: 'blue' }, tier: 'long' }
  expect(await ada.list({ where: { color: 'blue', heat: 900.5 } })).toMatchObject([found])
  expect((await ada.search({ text: 'glaze', tier: 'long' })).records).toMatchObject([found])
  expect(await ada.get('a')).toMatchObject(found)
  const again = await ada.add([{ id: 'a', text, data: { heat: 900.4567, trace: 'gone', color: 'blue' } }])
  expect(again.records).toEqual([{ id: 'a', status: 'same' }])
})

test('A8: records with empty JSON are found', async () => {
  const { ada, clock, run } = open()
  const values = [0, '', false, [], null]
  await ada.add(values.map((data, at) => ({ id: `r${at}`, text: 'x', data })))
  clock.now += 24 * HOUR
  await run()
  for (const [at, data] of values.entries()) expect((await ada.get(`r${at}`)).data).toEqual(data)
})

test('A9: a slow reader of an older version brings nothing back, since no copy is kept', async () => {
  const { ada } = open()
  await ada.add([{ id: 'a', text: 'a' }])
  const slow = ada.get('a')
  await ada.pin('a', true)
  await slow
  expect((await ada.get('a')).pinned).toBe(true)
})

test('A10: of 50 writes to one id, the first holds, and the others are refused', async () => {
  const { ada } = open()
  const all = await Promise.allSettled(
    Array.from({ length: 50 }, (_, at) => ada.add([{ id: 'a', text: `text ${at}` }])),
  )
  expect(all.filter(({ status }) => status === 'fulfilled').length).toBe(1)
  expect((await ada.get('a')).text).toBe('text 0')
  expect((await ada.list()).map(({ text }) => text)).toEqual(['text 0'])
})

test('A12: one good match in long outranks ten poor ones in short', async () => {
  const { ada, clock, run } = open()
  await ada.add([{ id: 'best', text: 'The kiln reaches 900 degrees' }])
  clock.now += 24 * HOUR
  await run()
  await ada.add(Array.from({ length: 10 }, (_, at) => ({ id: `r${at}`, text: `A kiln and ${at} other things` })))
  const { records } = await ada.search({ text: 'kiln 900 degrees', limit: 5 })
  expect(records[0]).toMatchObject({ id: 'best', tier: 'long' })
})

test('A17: five reads count as five, maintenance counts as none, and no read moves a due date', async () => {
  const { ada, calls, clock, next, path } = open()
  const { write } = calls()
  const ticks: (() => void)[] = []
  const reads = createReadCounts((owner, noted) => write(owner, 'noteReads', noted), {
    now: () => clock.now,
    after(_, callback) {
      ticks.push(callback)
      return () => {}
    },
  })
  await ada.add([
    { id: 'a', text: 'a' },
    { id: 'gone', text: 'b' },
  ])
  const due = await next()
  for (let at = 0; at < 5; at++) reads.note('ada', ['a', 'gone', 'never'])
  await ada.forget({ id: 'gone' })
  expect(ticks.length).toBe(1)
  await reads.flush()
  clock.now++
  reads.note('ada', ['a'])
  await reads.flush()
  const connection = openConnection(path, 'read')
  expect(connection.all('select r.id, a.count from access a join record r on r.rid = a.rid')).toEqual([
    { id: 'a', count: 6 },
  ])
  connection.close()
  expect(await next()).toBe(due)
})

test('A18: a record that is forgotten while it is moved stays forgotten', async () => {
  const { ada, calls, clock, run, in: within } = open()
  await ada.add(Array.from({ length: 150 }, (_, at) => ({ id: `r${at}`, text: `${at}`, space: 'work' })))
  clock.now += HOUR
  const { write, read } = calls()
  const plan = (await read('ada', 'planMoves', { from: 'short', rules: tierRules(), limit: 5_000 })) as {
    readonly rids: readonly number[]
  }
  await ada.forget({ space: 'work' })
  const moving = { rids: plan.rids, from: 'short', to: 'intermediate' } as const
  expect(await write('ada', 'moveRows', moving)).toEqual({ moved: 0, failed: 0, quarantined: 0 })
  const both = Promise.all([run(), ada.forget({ all: true })])
  await both
  expect([...(await within('intermediate')), ...(await within('short'))]).toEqual([])
  expect((await ada.stats()).records).toBe(0)
})

test('a run moves 5,000 records at most, and asks for the next run at once', async () => {
  const { ada, clock, calls } = open()
  for (let at = 0; at < 3; at++)
    await ada.add(Array.from({ length: 1000 }, (_, one) => ({ id: `r${at}.${one}`, text: `${one}` })))
  clock.now += 24 * HOUR
  const duty = tiersDuty(calls())
  expect(await duty.run('ada', signal)).toEqual({ did: { moved: 5_000 }, next: clock.now })
  expect(await duty.run('ada', signal)).toEqual({ did: { moved: 1_000 } })
  expect(await duty.run('ada', signal)).toEqual({})
})
