import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/engine/engine.ts'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import { MEMORY_CONTRACT } from '../../src/memory/room/contract.ts'
import { openMemories } from '../../src/memory/room/open-port.ts'
import { viewMemory } from '../../src/memory/room/view.ts'
import { servicesOf } from './services.ts'

function open(restate?: object) {
  const data = mkdtempSync(join(tmpdir(), 'memory-'))
  const config = { data, ...(restate && { restate }) } as never
  const port = openMemories({
    ...servicesOf(),
    checkOwner: async () => {},
    shown: (value) => value,
    secret: async () => undefined,
    workOf: async () => Promise.reject(new Error('no run calls')),
    config,
    clock: systemClock,
    trustedNow: systemClock.now,
    engine: inlineEngine({ actors: [] }),
  })
  onTestFinished(async () => {
    await port.close()
    rmSync(data, { recursive: true })
  })
  const view = (owner: string, isAdmin = false) => viewMemory(port, { caller: { owner, local: false }, isAdmin })
  return { data, port, view }
}

test('a caller has one memory, and only an admin names another owner', async () => {
  const { view } = open()
  await view('ann').add({ records: [{ id: 'gate', text: 'The gate is blue' }] })
  const bob = view('bob')
  expect((await bob.list({ limit: 9 })).items).toEqual([])
  await expect(bob.get('gate')).rejects.toMatchObject({ code: 'not_found' })
  for (const refused of [
    bob.list({ owner: 'ann', limit: 9 }),
    bob.search({ owner: 'ann', text: 'gate' }),
    bob.add({ owner: 'ann', records: [{ text: 'x' }] }),
    bob.forget({ owner: 'ann', all: true }),
    bob.undo(1, { owner: 'ann' }),
    bob.stats({ owner: 'ann' }),
  ])
    await expect(refused).rejects.toMatchObject({ code: 'scope_missing' })
  const admin = view('boss', true)
  expect((await admin.get('gate', { owner: 'ann' })).text).toBe('The gate is blue')
  expect((await admin.forget({ owner: 'ann', all: true })).removed.records).toBe(1)
})

test('a target that names two things, or nothing, is refused', async () => {
  const { view } = open()
  for (const target of [{}, { all: true, kind: 'note' } as const])
    await expect(view('ann').forget(target)).rejects.toMatchObject({ code: 'invalid_input' })
})

test('a malformed space is refused instead of matching nothing, and a text may not contain NUL', async () => {
  const { port } = open()
  const ann = port('ann')
  await ann.add([{ text: 'The gate is blue', space: 'work' }])
  for (const space of ['/', 'work/'])
    await expect(ann.forget({ space })).rejects.toMatchObject({ code: 'invalid_input' })
  expect((await ann.forget({ space: '' }, { dryRun: true })).removed.records).toBe(1)
  await expect(ann.add([{ text: 'a\0b' }])).rejects.toThrow(/NUL/)
  const lines = `{"format":"antiphon-memory/1","exportedAt":0}\n{"text":"a","source":{"type":"file","ref":"x\\u0000y"}}\n`
  await expect(ann.transfer.import(Readable.from([lines]))).rejects.toThrow(/Line 2: source: .*NUL/)
  // JSON escapes it
  const { records } = await ann.add([{ text: 'a', data: { key: 'a\0b' } }])
  expect((await ann.get(records[0]!.id)).data).toEqual({ key: 'a\0b' })
})

test('times of a query and of a body are numbers', () => {
  const { query } = MEMORY_CONTRACT['memory.list']
  const { body } = MEMORY_CONTRACT['memory.search']
  for (const asOf of ['', ' ', 'abc']) expect(query.safeParse({ asOf }).success).toBe(false)
  for (const asOf of [null, true, '5']) expect(body.safeParse({ text: 'x', asOf }).success).toBe(false)
  expect(query.parse({ asOf: '-5' })).toMatchObject({ asOf: -5 })
})

test('a cluster has no memory, and nothing is made', async () => {
  const { port, data } = open({ admin: ['http://127.0.0.1:9070'] })
  expect(() => port('ann')).toThrowError(expect.objectContaining({ code: 'memory_not_shared' }))
  expect(existsSync(join(data, 'memory.db'))).toBe(false)
})

test('a closed memory refuses calls', async () => {
  const { port } = open()
  await port.close()
  await expect(port('ann').add([{ text: 'a' }])).rejects.toMatchObject({ code: 'stopped' })
})
