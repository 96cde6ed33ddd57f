import { expect, test } from 'vitest'
import { openServer, TOKEN } from './open.ts'

const isWrite = (text: string) => text.includes('insert into record')

test('memory on a server finds and forgets as a file does, and each write is one request', async () => {
  const { memory, state, rows } = await openServer()
  const ada = memory()
  expect(await ada.list()).toEqual([])
  const writes: string[] = []
  state.fate = (text) => {
    if (isWrite(text)) writes.push(text)
    return 'answer'
  }
  const { change } = await ada.add([
    { text: 'Oslo', subject: 'home', data: { floor: 3, rent: 1.5 } },
    { text: 'The kiln', space: 'work' },
  ])
  expect([change, writes.length]).toEqual([1, 1])
  expect(writes[0]).toMatch(/BEGIN IMMEDIATE.*COMMIT.*"close"/)
  const [found] = (await ada.search({ text: 'homes', where: { floor: 3 } })).records
  expect(found).toMatchObject({ text: 'Oslo', data: { floor: 3, rent: 1.5 }, learnedAt: 1_000 })
  const report = await ada.forget({ subject: 'home' })
  expect(report).toMatchObject({ status: 'done', removed: { records: 1, words: 1, changes: 1 } })
  expect(report.remains).toContain('files and backups of the libSQL server')
  expect(JSON.stringify([rows('select * from record'), rows('select * from change')])).not.toContain('Oslo')
  expect(new Set(state.headers)).toEqual(new Set([`Bearer ${TOKEN}`]))
})

test('a write without an answer is sent again and counts once', async () => {
  const { memory, state, rows } = await openServer()
  let dropped = 0
  state.fate = (text) => (isWrite(text) && dropped++ < 2 ? 'drop-answer' : 'answer')
  const ada = memory()
  expect(await ada.add([{ text: 'kiln' }])).toMatchObject({ records: [{ status: 'added' }], change: 1 })
  expect(dropped).toBe(3)
  expect((await ada.list()).map(({ text }) => text)).toEqual(['kiln'])
  expect(rows('select count(*) count from words')).toEqual([{ count: 1 }])
  expect((await ada.changes.list()).length).toBe(1)
  expect(rows('select version from owner')).toEqual([{ version: 1 }])
})

test('a write is decided again if the memory changes after its reads', async () => {
  const { memory, state } = await openServer({ nodes: 2 })
  const [ada, other] = [memory('ada', 0), memory('ada', 1)]
  await ada.add([{ text: 'Berlin', subject: 'home' }])
  let held: (() => Promise<unknown>) | undefined = () => other.add([{ text: 'Oslo', subject: 'home' }])
  state.fate = (text) => {
    const interfere = isWrite(text) ? held : undefined
    if (!interfere) return 'answer'
    held = undefined
    return { after: interfere() }
  }
  expect((await ada.add([{ text: 'Oslo', subject: 'home' }])).records[0]!.status).toBe('same')
  expect((await ada.list({ knownAt: 1_000 })).map(({ text }) => text)).toEqual(['Oslo'])
})

test('a token that the server refuses is in no error, and nothing is tried again', async () => {
  const { memory, state } = await openServer({ token: 'ey-wrong-token' })
  const error = await memory()
    .list()
    .catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'memory_refused', message: expect.stringContaining('status 401') })
  expect(error.hint).toContain('memory: { token }')
  expect(JSON.stringify([error.message, error.hint, error.stack])).not.toContain('ey-wrong')
  expect(state.requests).toBe(1)
})
