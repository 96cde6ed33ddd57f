import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { add } from '../../src/memory/store/add.ts'
import { openConnection } from '../../src/memory/store/connection.ts'
import { beginErasure, erasePortion } from '../../src/memory/store/erase.ts'
import { createSignatureCache } from '../../src/memory/store/search/signatures.ts'
import { keepVectors, signatureOf, unread } from '../../src/memory/store/search/vectors.ts'
import { vectorOf } from './encoder.ts'

const model = 'test/words'
const texts = Array.from({ length: 40 }, (_, place) => `number ${place} of ${place % 7} and ${place % 3}`)

function open() {
  const folder = mkdtempSync(join(tmpdir(), 'memory-'))
  const connection = openConnection(join(folder, 'memory.db'), 'write')
  onTestFinished(() => {
    connection.close()
    rmSync(folder, { recursive: true })
  })
  const embedAll = (owner: number) => {
    const records = unread(connection, owner, { model, limit: 1000 })
    keepVectors(connection, owner, { model, records: records.map((one) => ({ ...one, vector: vectorOf(one.text) })) })
  }
  return { connection, embedAll }
}

const bits = (text: string) => signatureOf(vectorOf(text))
const distance = (one: Buffer, other: Buffer) =>
  one.reduce((sum, byte, at) => sum + (byte ^ other[at]!).toString(2).replaceAll('0', '').length, 0)

test('the nearest signatures are those that a look at each one finds', () => {
  const { connection, embedAll } = open()
  add(
    connection,
    'ada',
    texts.slice(0, 25).map((text) => ({ text })),
    {},
    1,
  )
  embedAll(1)
  const cache = createSignatureCache()
  expect(cache.of(connection, 1, model)!.size).toBe(25)
  // those that are stored later join
  add(
    connection,
    'ada',
    texts.slice(25).map((text) => ({ text })),
    {},
    2,
  )
  embedAll(1)
  const held = cache.of(connection, 1, model)!
  expect(held.size).toBe(40)
  const asked = bits('number 5 of 5')
  const naive = texts.map((text, place) => ({ rid: place + 1, far: distance(asked, bits(text)) }))
  const nearestOf = (some: typeof naive) =>
    some.toSorted((a, b) => a.far - b.far || a.rid - b.rid).map(({ rid }) => rid)
  expect(held.nearest(asked, 12)).toEqual(nearestOf(naive).slice(0, 12))
  expect(held.nearest(asked, 99)).toEqual(nearestOf(naive))
  const odd = new Set(naive.map(({ rid }) => rid).filter((rid) => rid % 2 === 1))
  expect(held.nearest(asked, 6, odd)).toEqual(nearestOf(naive.filter(({ rid }) => odd.has(rid))).slice(0, 6))
  expect(held.nearest(signatureOf(new Float32Array(512)), 6)).toEqual([])
})

test('a deleted vector leaves memory, and the bound holds over all owners', () => {
  const { connection, embedAll } = open()
  for (const [place, owner] of ['ada', 'eve', 'bob'].entries()) {
    add(
      connection,
      owner,
      texts.map((text) => ({ text })),
      {},
      place,
    )
    embedAll(place + 1)
  }
  const cache = createSignatureCache()
  expect(cache.of(connection, 1, model)!.size).toBe(40)
  beginErasure(connection, 'ada', { target: { kind: 'note' } }, 5)
  while (erasePortion(connection, 1));
  expect(cache.of(connection, 1, model)!.size).toBe(0)
  // each owner needs 64 places of 20 bytes
  const small = createSignatureCache(2 * 64 * 20)
  const [eve, bob] = [small.of(connection, 2, model), small.of(connection, 3, model)]
  expect(small.of(connection, 3, model)).toBe(bob)
  expect(small.of(connection, 2, model)).toBe(eve)
  expect(createSignatureCache(100).of(connection, 2, model)).toBeUndefined()
})

test('signatures that fit the bound are read once, however near to it they are', () => {
  const { connection, embedAll } = open()
  // 100 places of 20 bytes
  const cache = createSignatureCache(100 * 20)
  let stored = 0
  const grow = (size: number) => {
    const more = Array.from({ length: size - stored }, () => ({ text: `record ${stored++}` }))
    add(connection, 'ada', more, {}, stored)
    embedAll(1)
    return cache.of(connection, 1, model)
  }
  for (const size of [10, 64, 65, 70, 95, 100]) {
    const held = grow(size)
    expect(held!.size).toBe(size)
    expect(cache.of(connection, 1, model)).toBe(held)
  }
  expect(grow(101)).toBeUndefined()
})
