import { expect, test } from 'vitest'
import { fc, runs } from '../../property.ts'
import { checkHistory, history } from '../history-model.ts'
import type { Fate } from './libsql-server.ts'
import { openServer } from './open.ts'

const FAULTS: readonly Fate[] = ['drop-answer', 'drop', { status: 503 }, { delay: 5 }]

test('random histories agree with a naive model, although requests and answers are lost', async () => {
  const every = fc.integer({ min: 7, max: 13 })
  await fc.assert(
    fc.asyncProperty(history, every, async ([ops, restart], every) => {
      const server = await openServer()
      server.state.fate = () => {
        const { requests } = server.state
        return requests % every === 0 ? FAULTS[(requests / every) % FAULTS.length]! : 'answer'
      }
      await checkHistory(server, ops, restart)
    }),
    runs(2),
  )
})

test('nodes that write to one owner at once lose nothing and double nothing', async () => {
  const { memory, state, rows } = await openServer({ nodes: 2 })
  state.fate = () => (state.requests % 11 === 0 ? 'drop-answer' : 'answer')
  const adds = Array.from({ length: 16 }, (_, place) =>
    memory('ada', place % 2).add([
      { id: `own-${place}`, text: `kiln ${place}` },
      { text: `shared ${place % 5}` },
      { text: `city ${place % 2}`, subject: 'home' },
    ]),
  )
  const results = await Promise.all(adds)
  const changes = results.map(({ change }) => change)
  expect(new Set(changes).size).toBe(16)
  const added = results.flatMap(({ records }) => records).filter(({ status }) => status === 'added')
  expect(rows('select count(*) count from record')).toEqual([{ count: added.length }])
  expect(rows('select count(*) count from words')).toEqual([{ count: added.length }])
  const list = await memory('ada', 1).list({ limit: 1000 })
  expect(list.filter(({ id }) => id.startsWith('own-')).length).toBe(16)
  expect(list.filter(({ text }) => text.startsWith('shared')).length).toBe(5)
  expect(list.filter(({ subject }) => subject === 'home').length).toBe(1)
  expect(rows('select version from owner')).toEqual([{ version: 16 }])
})

test('a server that is away fails clearly, nothing is half done, and later it works again', async () => {
  const { memory, state, rows, url } = await openServer()
  const ada = memory()
  await ada.add([{ text: 'kiln' }])
  state.fate = () => 'drop'
  const write = ada.add([{ text: 'glaze' }, { text: 'clay' }])
  await expect(write).rejects.toMatchObject({
    name: 'RetryableError',
    code: 'memory_unreachable',
    message: expect.stringContaining(new URL(url).host),
  })
  expect(rows('select text from record')).toEqual([{ text: 'kiln' }])
  state.fate = () => 'answer'
  expect((await ada.add([{ text: 'glaze' }, { text: 'kiln' }])).records.map(({ status }) => status)).toEqual([
    'added',
    'same',
  ])
})
