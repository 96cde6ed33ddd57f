import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openFile } from './folder.ts'

test('without a record there is no file', async () => {
  const { memory, path } = openFile()
  const ada = memory()
  expect(await ada.list()).toEqual([])
  expect(await ada.search({ text: 'Oslo' })).toEqual({ records: [] })
  expect((await ada.forget({ all: true }, { dryRun: true })).removed.records).toBe(0)
  await expect(ada.get('m_1')).rejects.toMatchObject({ code: 'not_found' })
  await expect(ada.pin('m_1', true)).rejects.toMatchObject({ code: 'not_found' })
  await expect(ada.changes.undo(1)).rejects.toMatchObject({ code: 'not_found' })
  expect(existsSync(path)).toBe(false)
})

test('the same record again changes nothing, and other content under its id is refused', async () => {
  const { memory, reopen } = openFile()
  const first = await memory().add([{ text: 'The kiln is at 900 degrees', data: { a: 1, b: 2 } }])
  await reopen()
  expect(await memory().add([{ text: 'The kiln is at 900 degrees', data: { b: 2, a: 1 } }])).toEqual({
    records: [{ id: first.records[0]!.id, status: 'same' }],
  })
  await memory().add([{ id: 'x', text: 'one' }])
  const other = memory().add([{ text: 'not kept' }, { id: 'x', text: 'two' }])
  await expect(other).rejects.toMatchObject({ code: 'record_conflict' })
  expect((await memory().list()).map(({ text }) => text)).toEqual(['one', 'The kiln is at 900 degrees'])
})

test('an object and the list of its entries are not the same data', async () => {
  const { memory } = openFile()
  await memory().add([{ text: 'kiln', data: { a: 1 } }])
  expect((await memory().add([{ text: 'kiln', data: [['a', 1]] }])).records).toMatchObject([{ status: 'added' }])
})

test('words find a record in its space, whatever the query looks like', async () => {
  const { memory } = openFile()
  const ada = memory()
  await ada.add([
    { text: 'The kiln reaches 900 degrees', space: 'work/alpha', importance: 1 },
    { text: 'A kiln was sold', space: 'work/alphabet' },
    { text: 'The glaze is blue', space: 'work', data: { city: { name: 'Oslo' }, old: true } },
  ])
  const texts = async (query: Parameters<typeof ada.search>[0]) =>
    (await ada.search(query)).records.map(({ text }) => text)
  expect(await texts({ text: 'which kilns?' })).toHaveLength(2)
  expect(await texts({ text: 'kiln', space: 'work/alpha' })).toEqual(['The kiln reaches 900 degrees'])
  expect(await texts({ text: '"kiln" (NEAR* OR -glaze 🔥', space: 'work' })).toHaveLength(3)
  expect(await texts({ text: '🔥' })).toEqual([])
  expect(await texts({ text: 'glaze', where: { 'city.name': 'Oslo', old: true } })).toHaveLength(1)
  expect(await texts({ text: 'glaze', where: { 'city.name': 'Rome' } })).toEqual([])
  const fields = (most: number) => Object.fromEntries(Array.from({ length: most }, (_, n) => [`k${n}`, n]))
  expect(await texts({ text: 'glaze', where: fields(32) })).toEqual([])
  for (const where of [fields(33), fields(1000), { 'a\0b': 1 }, { a: {} as never }])
    await expect(texts({ text: 'glaze', where })).rejects.toMatchObject({ code: 'invalid_input' })
  await expect(ada.search({ text: ' ' })).rejects.toMatchObject({ code: 'invalid_input' })
  const [best] = (await ada.search({ text: 'kiln 900' })).records
  const { words, recency, importance } = best!.parts
  expect(best!.score).toBeCloseTo(words * recency * importance)
})

test('Berlin, then Oslo, then Berlin again: both clocks can be asked', async () => {
  const { memory, clock } = openFile()
  const ada = memory()
  const lives = (text: string, at?: { validFrom: number }) => ada.add([{ text, subject: 'home of Eve', ...at }])
  await lives('Berlin')
  clock.now = 2_000
  await lives('Oslo')
  await lives('Oslo')
  clock.now = 3_000
  await lives('Berlin')
  const at = async (when: { asOf?: number; knownAt?: number }) => (await ada.list(when)).map(({ text }) => text)
  expect(await at({})).toEqual(['Berlin'])
  expect(await at({ asOf: 1_500 })).toEqual(['Berlin'])
  expect(await at({ asOf: 2_500 })).toEqual(['Oslo'])
  expect(await at({ asOf: 3_500, knownAt: 2_500 })).toEqual(['Oslo'])
  clock.now = 4_000
  await lives('Rome', { validFrom: 1_500 })
  expect(await at({ asOf: 1_700 })).toEqual(['Rome'])
  expect(await at({ asOf: 1_700, knownAt: 3_000 })).toEqual(['Berlin'])
  const [now] = await ada.list()
  const { history } = await ada.get(now!.id)
  expect(history.map(({ text, validFrom, validTo, endedAt }) => [text, validFrom, validTo, endedAt])).toEqual([
    ['Berlin', 3_000, undefined, undefined],
    ['Oslo', 2_000, 3_000, 3_000],
    ['Rome', 1_500, 2_000, 2_000],
    ['Berlin', 1_000, 1_500, 4_000],
  ])
})

test('undo brings the older fact back, and forgetting does not', async () => {
  const { memory, clock } = openFile()
  const ada = memory()
  await ada.add([{ text: 'Berlin', subject: 'home' }])
  clock.now++
  const { change } = await ada.add([{ text: 'Oslo', subject: 'home' }])
  clock.now++
  expect(await ada.changes.undo(change!)).toMatchObject({ type: 'undo', undoes: change })
  expect((await ada.list()).map(({ text }) => text)).toEqual(['Berlin'])
  await expect(ada.changes.undo(change!)).rejects.toMatchObject({ code: 'cannot_undo' })
  clock.now++
  const again = await ada.add([{ text: 'Oslo', subject: 'home' }])
  clock.now++
  await ada.forget({ id: again.records[0]!.id })
  expect(await ada.list()).toEqual([])
  expect((await ada.list({ asOf: 1_000 })).map(({ text }) => text)).toEqual(['Berlin'])
})

test('a fact that an erased fact ended is open again for the time before', async () => {
  const { memory, clock } = openFile()
  const ada = memory()
  await ada.add([{ text: 'Berlin', subject: 'home' }])
  clock.now = 2_000
  await ada.add([{ id: 'oslo', text: 'Oslo', subject: 'home', validFrom: 1_500 }])
  clock.now = 3_000
  await ada.forget({ id: 'oslo' })
  expect(await ada.list({ asOf: 1_700 })).toEqual([])
  expect((await ada.list({ asOf: 1_700, knownAt: 1_800 })).map(({ text }) => text)).toEqual(['Berlin'])
})

test('the word index loses a forgotten word at once', async () => {
  const { memory, path, close } = openFile()
  await memory().add([{ id: 'w', text: 'xylographic' }])
  await memory().forget({ id: 'w' })
  await close()
  expect(readFileSync(path).includes('xylograph')).toBe(false)
})

test('a pin is noted with its cause, and can be undone', async () => {
  const { memory } = openFile()
  const ada = memory()
  const { records } = await ada.add([{ text: 'Call me Ada' }], { cause: { type: 'run', id: 'run_1' } })
  await ada.pin(records[0]!.id, true)
  await ada.pin(records[0]!.id, true)
  expect((await ada.list({ pinned: true })).length).toBe(1)
  const [pinned, added] = await ada.changes.list()
  expect(added).toMatchObject({ type: 'add', cause: { type: 'run', id: 'run_1' }, records: [{ text: 'Call me Ada' }] })
  await ada.changes.undo(pinned!.change)
  expect((await ada.get(records[0]!.id)).pinned).toBe(false)
  expect((await ada.changes.list()).map(({ type }) => type)).toEqual(['undo', 'pin', 'add'])
})

test.each([
  ['id', { id: 'w1' }],
  ['space', { space: 'work' }],
  ['source', { source: 'https://a.example/page' }],
  ['subject', { subject: 'wombat' }],
  ['kind', { kind: 'fact' }],
  ['all', { all: true } as const],
])('forgotten by %s, a text is in no byte, and a late write does not bring it back', async (by, target) => {
  const { memory, clock, folder, reopen } = openFile()
  const ada = memory()
  const record = { id: 'w1', space: 'work/zoo', subject: 'wombat', text: 'Wombats dig xylographic burrows' }
  const options = { source: { type: 'web' as const, ref: 'https://a.example/page' } }
  const token = 'xylograph'
  const holds = (what: string) => readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(what))
  await ada.add([record], options)
  await ada.add([{ text: 'The glaze is blue', space: 'play' }])
  await memory('eve').add([{ text: 'Wombats sleep', subject: 'wombat', space: 'work' }])
  expect([holds('xylographic'), holds(token)]).toEqual([true, true])
  expect((await ada.forget(target, { dryRun: true })).status).toBe('dry-run')
  clock.now = 5_000
  const report = await ada.forget(target)
  const records = by === 'all' ? 2 : 1
  expect(report).toMatchObject({ status: 'done', by, removed: { records, words: records, changes: records } })
  expect([holds('xylographic'), holds(token)]).toEqual([false, false])
  await expect(ada.add([record], { ...options, begunAt: 4_000 })).rejects.toMatchObject({ code: 'forgotten' })
  if (by === 'all') await reopen()
  expect([holds('xylographic'), holds(token)]).toEqual([false, false])
  expect((await memory('eve').list()).length).toBe(1)
  expect((await memory().changes.list())[0]).toMatchObject({ type: 'forget', records: [], count: records })
  expect((await memory().add([record], options)).records[0]!.status).toBe('added')
})

test('a write that began before is refused even if there was nothing to forget', async () => {
  const { memory, clock } = openFile()
  clock.now = 2_000
  expect(await memory().forget({ space: 'work' })).toMatchObject({ status: 'done', removed: { records: 0 } })
  const late = memory().add([{ text: 'Quokka', space: 'work/zoo' }], { begunAt: 1_999 })
  await expect(late).rejects.toMatchObject({ code: 'forgotten' })
  expect((await memory().add([{ text: 'Quokka', space: 'work/zoo' }])).records).toMatchObject([{ status: 'added' }])
})

test('other calls run between the portions of a large erasure', async () => {
  const { memory } = openFile()
  const ada = memory()
  await ada.add(Array.from({ length: 1000 }, (_, at) => ({ id: `${at}`, text: `secret ${at}`, space: 'work' })))
  const order: string[] = []
  const forgotten = ada.forget({ space: 'work' }).then((report) => order.push(report.status))
  const added = memory('eve').add([{ text: 'Eve does not wait' }])
  await Promise.all([forgotten, added.then(() => order.push('added'))])
  expect(order).toEqual(['added', 'done'])
})

test.each([
  [{ text: ' ' }, 'text'],
  [{ text: 'é'.repeat(131_073) }, '256 KiB'],
  [{ text: 'a', data: 'b'.repeat(16_400) }, '16 KiB'],
  [{ text: 'a', subject: 's', validFrom: 5, validTo: 5 }, 'validFrom'],
  [{ text: 'a', subject: 's', validTo: 5 }, 'validTo'],
  [{ text: 'a', validFrom: 5 }, 'subject'],
  [{ text: 'a', kind: 'fact' }, 'subject'],
  [{ text: 'a', subject: 's', kind: 'note' }, 'fact'],
  [{ text: 'a', space: '/work' }, 'space'],
  [{ text: 'a', tier: 'long' }, 'tier'],
])('%# a bad record is refused with its place', async (record, words) => {
  const { memory } = openFile()
  const bad = memory().add([{ text: 'fine' }, record as never])
  await expect(bad).rejects.toMatchObject({ code: 'invalid_input', message: expect.stringContaining(words) })
  expect(await memory().list()).toEqual([])
})

test('records of one owner change nothing for another one', async () => {
  const { memory } = openFile()
  const ada = memory('ada')
  await ada.add(['kiln red', 'kiln blue glaze', 'glaze'].map((text, at) => ({ id: `${at}`, text, space: 'work' })))
  const alone = await ada.search({ text: 'kiln glaze' })
  const eve = memory('eve')
  await eve.add(Array.from({ length: 50 }, (_, at) => ({ id: `${at}`, text: `kiln ${at} other text`, space: 'work' })))
  await eve.add([{ id: 'only', text: 'glaze of Eve' }])
  expect(await ada.search({ text: 'kiln glaze' })).toEqual(alone)
  expect((await ada.list()).length).toBe(3)
  await expect(ada.get('only')).rejects.toMatchObject({ code: 'not_found' })
  await expect(ada.pin('only', true)).rejects.toMatchObject({ code: 'not_found' })
  const change = (await eve.changes.list())[0]!.change
  await expect(ada.changes.undo(change)).rejects.toMatchObject({ code: 'not_found' })
  await ada.forget({ id: 'only' })
  await ada.forget({ all: true })
  expect((await eve.list({ limit: 1000 })).length).toBe(51)
})

test('a list goes on after a record', async () => {
  const { memory } = openFile()
  await memory().add(['a', 'b', 'c'].map((text) => ({ id: text, text })))
  const first = await memory().list({ limit: 2 })
  expect(first.map(({ id }) => id)).toEqual(['c', 'b'])
  expect((await memory().list({ limit: 2, after: 'b' })).map(({ id }) => id)).toEqual(['a'])
  await expect(memory().list({ after: 'none' })).rejects.toMatchObject({ code: 'bad_cursor' })
})

test('an end in the past is refused', async () => {
  const { memory, clock } = openFile()
  clock.now = 5_000
  const past = memory().add([{ text: 'one' }, { text: 'two', expires: 5_000 }])
  await expect(past).rejects.toMatchObject({
    message: 'Record 2: expected a time in the future for expires, got 1970-01-01T00:00:05.000Z.',
  })
  expect(await memory().list()).toEqual([])
})
