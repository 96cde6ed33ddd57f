import { expect, test } from 'vitest'
import type { RecordSource } from '../../src/memory/record.ts'
import { openFile } from './folder.ts'

const CLERK: RecordSource = { type: 'model', ref: 'agents/clerk', run: 'g.1' }
const HOME = { subject: 'home of Eve' }

test('a fact of a model about a subject of a person is proposed, and hidden until it is accepted', async () => {
  const { memory, clock } = openFile()
  const ada = memory('ada')
  const [berlin] = (await ada.add([{ ...HOME, text: 'Berlin' }])).records
  clock.now = 2_000
  const added = await ada.add([{ ...HOME, text: 'Paris' }], { source: CLERK })
  const [paris] = added.records
  expect(added).toEqual({ records: [{ id: expect.any(String), status: 'proposed' }] })
  expect((await ada.add([{ ...HOME, text: 'Paris' }], { source: CLERK })).records).toEqual(added.records)
  // no result has it
  expect((await ada.list()).map(({ text }) => text)).toEqual(['Berlin'])
  expect((await ada.search({ text: 'Paris home of Eve' })).records.map(({ text }) => text)).toEqual(['Berlin'])
  expect((await ada.get(berlin!.id)).history.length).toBe(1)
  await expect(ada.get(paris!.id)).rejects.toMatchObject({ code: 'not_found' })
  await expect(ada.pin(paris!.id, true)).rejects.toMatchObject({ code: 'not_found' })
  expect(await ada.stats()).toMatchObject({ records: 1, changes: 1 })
  expect(await ada.proposals.list()).toMatchObject([{ id: paris!.id, text: 'Paris', against: { text: 'Berlin' } }])
  clock.now = 3_000
  expect(await ada.proposals.accept(paris!.id)).toMatchObject({ text: 'Paris', learnedAt: 3_000, validFrom: 3_000 })
  expect(await ada.list()).toMatchObject([{ text: 'Paris', source: CLERK }])
  expect((await ada.search({ text: 'Paris' })).records.length).toBe(1)
  expect((await ada.list({ asOf: 2_500, knownAt: 2_500 })).map(({ text }) => text)).toEqual(['Berlin'])
  const [change] = await ada.changes.list()
  expect(change).toMatchObject({ type: 'add', cause: { type: 'person' }, records: [{ id: paris!.id }] })
  await ada.changes.undo(change!.change)
  expect((await ada.list()).map(({ text }) => text)).toEqual(['Berlin'])
  await expect(ada.proposals.accept(paris!.id)).rejects.toMatchObject({ code: 'not_found' })
})

test('a declined fact is erased, and ended nothing', async () => {
  const { memory } = openFile()
  const ada = memory('ada')
  await ada.add([{ ...HOME, text: 'Berlin' }])
  const [paris] = (await ada.add([{ ...HOME, text: 'Paris' }], { source: CLERK })).records
  expect(await ada.proposals.decline(paris!.id)).toMatchObject({ status: 'done', removed: { records: 1 } })
  expect(await ada.proposals.list()).toEqual([])
  expect((await ada.list()).map(({ text }) => text)).toEqual(['Berlin'])
  await expect(ada.proposals.decline(paris!.id)).rejects.toMatchObject({ code: 'not_found' })
})

test('a fact of a model ends those of the same agent, and late or early facts of others stay as they are', async () => {
  const { memory, clock } = openFile()
  const ada = memory('ada')
  await ada.add([{ ...HOME, text: 'Rome' }], { source: CLERK })
  clock.now = 2_000
  expect((await ada.add([{ ...HOME, text: 'Oslo' }], { source: { ...CLERK, run: 'g.2' } })).records[0]!.status).toBe(
    'added',
  )
  expect((await ada.list()).map(({ text }) => text)).toEqual(['Oslo'])
  for (const source of [
    { type: 'model', ref: 'agents/other' },
    { type: 'run', ref: 'p' },
    { type: 'goal', ref: 'agents/clerk' },
  ] as const)
    expect((await ada.add([{ ...HOME, text: 'Paris', validFrom: 500 }], { source })).records[0]!.status).toBe(
      'proposed',
    )
  // a person ends all of them
  await ada.add([{ ...HOME, text: 'Berlin' }])
  expect((await ada.list()).map(({ text }) => text)).toEqual(['Berlin'])
  // another space has its own facts
  expect(
    (await ada.add([{ ...HOME, text: 'Paris', space: 'agents/clerk' }], { source: CLERK })).records[0]!.status,
  ).toBe('added')
})

test('so many proposals wait at most, and nothing of a model is pinned', async () => {
  const { memory } = openFile()
  const ada = memory('ada')
  await ada.add([{ ...HOME, text: 'Berlin' }])
  const many = Array.from({ length: 101 }, (_, place) => ({ ...HOME, text: `Paris ${place}` }))
  await expect(ada.add(many, { source: CLERK })).rejects.toMatchObject({ code: 'too_many_proposals' })
  expect(await ada.proposals.list()).toEqual([])
  const [note] = (await ada.add([{ text: 'a note' }], { source: CLERK })).records
  await expect(ada.add([{ text: 'pinned', pinned: true }], { source: CLERK })).rejects.toMatchObject({
    code: 'not_own',
  })
  await expect(ada.pin(note!.id, true)).rejects.toMatchObject({ code: 'not_own' })
  expect((await ada.list({ pinned: true })).length).toBe(0)
})

test('a later record of the same source replaces one with its id, and undo brings the older one back', async () => {
  const { memory, clock } = openFile()
  const ada = memory('ada')
  const source: RecordSource = { type: 'goal', ref: 'agents/clerk', run: 'g' }
  await ada.add(
    [
      { id: 'goal:g', text: 'mapped the harbour' },
      { id: 'goal:g.1', text: 'a call' },
    ],
    { source },
  )
  clock.now = 2_000
  const again = [
    { id: 'goal:g', text: 'mapped the harbour well' },
    { id: 'goal:g.1', text: 'a call' },
  ]
  await expect(ada.add(again, { source })).rejects.toMatchObject({ code: 'record_conflict' })
  await expect(ada.add(again, { replaces: true })).rejects.toMatchObject({ code: 'record_conflict' })
  const { records, change } = await ada.add(again, { source, replaces: true })
  expect(records.map(({ status }) => status)).toEqual(['added', 'same'])
  expect((await ada.search({ text: 'harbour' })).records.map(({ text }) => text)).toEqual(['mapped the harbour well'])
  expect((await ada.list({ knownAt: 1_500 })).map(({ text }) => text).toSorted()).toEqual([
    'a call',
    'mapped the harbour',
  ])
  await ada.changes.undo(change!)
  expect((await ada.search({ text: 'harbour' })).records.map(({ text }) => text)).toEqual(['mapped the harbour'])
})
