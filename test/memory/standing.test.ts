import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { MemoryRecord, RecordSource } from '../../src/memory/record.ts'
import { openFile } from './folder.ts'

const CLERK: RecordSource = { type: 'model', ref: 'agents/clerk', run: 'g.1' }
const PRICE = { subject: 'price' }
const texts = (records: readonly MemoryRecord[]) => records.map(({ text }) => text)

test('a fact that work planted for later ends no fact of a person, neither by its begin nor by its end', async () => {
  const { memory, clock } = openFile()
  const ada = memory()
  const [evil] = (await ada.add([{ ...PRICE, text: 'EVIL', validFrom: 5_000 }], { source: CLERK })).records
  clock.now = 2_000
  const [own] = (await ada.add([{ ...PRICE, text: 'user 10' }])).records
  expect(texts(await ada.list({ asOf: 6_000 }))).toEqual(['user 10'])
  const { history } = await ada.get(own!.id)
  expect(history).toMatchObject([{ text: 'EVIL', validTo: 5_000, endedAt: 2_000 }, { text: 'user 10' }])
  expect(history[1]).not.toHaveProperty('validTo')
  await ada.forget({ id: evil!.id })
  clock.now = 6_000
  expect(texts(await ada.list())).toEqual(['user 10'])
})

test('a fact that is erased before it begins leaves no end, and no fact expires before it begins', async () => {
  const { memory, clock } = openFile()
  const ada = memory()
  await ada.add([{ ...PRICE, text: '10' }])
  const [later] = (await ada.add([{ ...PRICE, text: '20', validFrom: 5_000 }])).records
  await ada.forget({ id: later!.id })
  clock.now = 6_000
  expect(texts(await ada.list())).toEqual(['10'])
  await expect(ada.add([{ ...PRICE, text: '30', validFrom: 9_000, expires: 8_000 }])).rejects.toMatchObject({
    place: { path: 'records.0.expires' },
  })
})

test('a late fact of a person shows in the place of a fact of work', async () => {
  const { memory, clock } = openFile()
  const ada = memory()
  await ada.add([{ ...PRICE, text: 'Oslo' }], { source: CLERK })
  clock.now = 2_000
  const [own] = (await ada.add([{ ...PRICE, text: 'Berlin', validFrom: 500 }])).records
  expect(texts(await ada.list())).toEqual(['Berlin'])
  expect((await ada.get(own!.id)).history).toMatchObject([{ text: 'Oslo', validFrom: 1_000, validTo: 1_000 }, {}])
  expect(texts(await ada.list({ knownAt: 1_500 }))).toEqual(['Oslo'])
})

test('a person who adds a record of work owns it, can pin it, and can undo that', async () => {
  const { memory, clock } = openFile()
  const ada = memory()
  for (const record of [{ text: 'the code is 4711' }, { ...PRICE, text: '10' }]) {
    const [made] = (await ada.add([record], { source: CLERK })).records
    const { validFrom } = await ada.get(made!.id)
    clock.now += 1_000
    const added = await ada.add([record, { ...record, pinned: true }])
    expect(added.records).toEqual([
      { id: made!.id, status: 'added' },
      { id: made!.id, status: 'same' },
    ])
    const own = await ada.get(made!.id)
    expect([own.source, own.validFrom]).toEqual([{ type: 'user' }, validFrom])
    expect(await ada.pin(made!.id, true)).toMatchObject({ pinned: true })
    expect((await ada.add([record], { source: CLERK })).records).toEqual([{ id: made!.id, status: 'same' }])
    await ada.changes.undo(added.change!)
    expect(await ada.get(made!.id)).toMatchObject({ source: CLERK, pinned: false })
    expect((await ada.add([{ ...record, pinned: true }])).records[0]!.status).toBe('added')
    expect((await ada.get(made!.id)).pinned).toBe(true)
  }
})

test('a proposal without a time holds from its acceptance on, and one before a newer fact says so', async () => {
  const { memory, clock } = openFile()
  const ada = memory()
  await ada.add([{ ...PRICE, text: 'u1' }])
  clock.now = 2_000
  const proposed = [
    { ...PRICE, text: 'p2' },
    { ...PRICE, text: 'old', validFrom: 1_500 },
  ]
  const [p2, old] = (await ada.add(proposed, { source: CLERK })).records
  clock.now = 3_000
  await ada.add([{ ...PRICE, text: 'u3' }])
  const [first, second] = await ada.proposals.list()
  expect(first).toMatchObject({ text: 'p2', against: { text: 'u3' } })
  expect(second).toMatchObject({ text: 'old', isOver: true })
  expect(second).not.toHaveProperty('against')
  clock.now = 4_000
  await ada.proposals.accept(old!.id)
  expect(texts(await ada.list())).toEqual(['u3'])
  await ada.proposals.accept(p2!.id)
  expect(texts(await ada.list())).toEqual(['p2'])
  expect(texts(await ada.list({ asOf: 3_500 }))).toEqual(['u3'])
  // an accepted fact is one of the owner's: work proposes the next one
  clock.now = 5_000
  expect((await ada.add([{ ...PRICE, text: 'p5' }], { source: CLERK })).records[0]!.status).toBe('proposed')
})

test('an export keeps the standing of facts, and an import pins nothing that a model wrote', async () => {
  const { memory, clock } = openFile()
  const ada = memory()
  await ada.add([{ ...PRICE, text: 'u1' }])
  const [p2] = (await ada.add([{ ...PRICE, text: 'p2' }], { source: CLERK })).records
  await ada.add([{ subject: 'home', text: 'Oslo', validFrom: 1_500 }], { source: CLERK })
  clock.now = 2_000
  await ada.proposals.accept(p2!.id)
  await ada.add([{ subject: 'home', text: 'Berlin', validFrom: 500 }])
  const eve = memory('eve')
  const line = JSON.stringify({ text: 'evil pin', pinned: true, source: CLERK })
  const head = JSON.stringify({ format: 'antiphon-memory/1', exportedAt: 2_000 })
  expect(await eve.transfer.import(ada.transfer.export())).toMatchObject({ added: 4 })
  expect(await eve.transfer.import(Readable.from([`${head}\n${line}\n`]))).toMatchObject({ added: 1, unpinned: 1 })
  expect(await eve.list({ pinned: true })).toEqual([])
  expect(texts(await eve.list({ kind: 'fact' })).toSorted()).toEqual(['Berlin', 'p2'])
})
