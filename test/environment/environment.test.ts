import { expect, it } from 'vitest'
import { ENVIRONMENT_LIMITS } from '../../src/environment/state.ts'
import { openEnvironments } from './fixture.ts'

it('merges patches, and each key knows who wrote it and when', async () => {
  const { clock, environments } = openEnvironments()
  const at = clock.now()
  await environments.update('shop', { door: 'open', stock: { tea: 3, milk: 1 } }, { source: 'clerk' })
  await clock.advance(5)
  expect(await environments.update('shop', { stock: { tea: null, rice: 2 } })).toEqual({
    version: 2,
    applied: ['stock'],
  })
  expect(await environments.get('shop')).toEqual({
    ...{ name: 'shop', owner: 'local', version: 2, updatedAt: at + 5, snapshots: [] },
    counts: { updates: 2, expiries: 0, restores: 0, snapshots: 0 },
    state: { door: 'open', stock: { milk: 1, rice: 2 } },
    keys: {
      door: { version: 1, updatedAt: at, source: 'clerk' },
      stock: { version: 2, updatedAt: at + 5, source: 'program' },
    },
  })
  await environments.update('shop', { door: null })
  expect((await environments.get('shop')).state).toEqual({ stock: { milk: 1, rice: 2 } })
})

it('refuses a stale version, which is then not in the history (A29)', async () => {
  const { environments, changesOf } = openEnvironments()
  await environments.update('shop', { tea: 1 }, { expectedVersion: 0 })
  const stale = environments.update('shop', { tea: 2 }, { expectedVersion: 0 })
  await expect(stale).rejects.toMatchObject({ code: 'stale_version' })
  await environments.update('shop', { tea: 3 }, { expectedVersion: 1 })
  expect(await changesOf('shop')).toMatchObject([
    { version: 1, patch: { tea: 1 } },
    { version: 2, patch: { tea: 3 } },
  ])
})

it('one of several writers with the same expected version wins', async () => {
  const { environments } = openEnvironments()
  await environments.update('shop', { tea: 0 })
  const writers = Array.from({ length: 20 }, (_, tea) => environments.update('shop', { tea }, { expectedVersion: 1 }))
  const ended = await Promise.allSettled(writers)
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect((await environments.get('shop')).version).toBe(2)
})

it('an observer that throws or reads blocks no other (A29)', async () => {
  const { environments } = openEnvironments()
  await environments.update('shop', { tea: 1 })
  const seen: { [observer: string]: number[] } = { throwing: [], reading: [], calm: [] }
  async function observe(name: string, act: () => unknown) {
    for await (const { n } of environments.watch('shop')) {
      seen[name]!.push(n)
      await act()
      if (n === 3) return
    }
  }
  const throwing = observe('throwing', () => {
    throw new Error('observer')
  })
  const others = [observe('reading', () => environments.get('shop')), observe('calm', () => {})]
  await expect(throwing).rejects.toThrow('observer')
  await environments.update('shop', { tea: 2 })
  await environments.update('shop', { tea: 3 })
  await Promise.all(others)
  expect(seen).toEqual({ throwing: [1], reading: [1, 2, 3], calm: [1, 2, 3] })
})

it('a restore is a new version with the state of the snapshot (A29)', async () => {
  const { environments, changesOf } = openEnvironments()
  await environments.update('shop', { door: 'open', stock: { tea: 1 } }, { ttl: 1000 })
  expect(await environments.snapshot('shop')).toEqual({ version: 1 })
  expect(await environments.snapshot('shop')).toEqual({ version: 1 })
  await environments.update('shop', { door: null, stock: { milk: 2 }, till: 7 })
  const before = await changesOf('shop')
  expect(await environments.restore('shop', 1)).toEqual({ version: 3 })
  const { version, state, keys, snapshots } = await environments.get('shop')
  expect({ version, state }).toEqual({ version: 3, state: { door: 'open', stock: { tea: 1 } } })
  expect(keys).toMatchObject({ door: { version: 3 }, stock: { version: 3 } })
  expect(keys.door).not.toHaveProperty('expiresAt')
  expect(snapshots).toMatchObject([{ version: 1 }])
  const after = await changesOf('shop')
  expect(after.slice(0, 2)).toEqual(before)
  const patch = { till: null, door: 'open', stock: { milk: null } }
  expect(after[2]).toMatchObject({ type: 'restore', restored: 1, patch })
  await expect(environments.restore('shop', 2)).rejects.toMatchObject({ code: 'not_found' })
})

it('keeps the last ten snapshots', async () => {
  const { environments } = openEnvironments()
  for (let tea = 1; tea <= 12; tea++) {
    await environments.update('shop', { tea })
    await environments.snapshot('shop')
  }
  const { snapshots } = await environments.get('shop')
  expect(snapshots.map(({ version }) => version)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  await expect(environments.restore('shop', 2)).rejects.toMatchObject({ code: 'not_found' })
  await environments.restore('shop', 3)
  expect((await environments.get('shop')).state).toEqual({ tea: 3 })
})

it('an expired key goes by the timer, as a change of its own', async () => {
  const { clock, environments, changesOf } = openEnvironments()
  await environments.update('shop', { lease: 'ann', sign: 'x' }, { ttl: 1000 })
  await environments.update('shop', { door: 'open' })
  await environments.update('shop', { sign: 'y' }, { ttl: 5000 })
  await clock.advance(999)
  expect((await environments.get('shop')).version).toBe(3)
  await clock.advance(1)
  expect(await environments.get('shop')).toMatchObject({ version: 4, state: { door: 'open', sign: 'y' } })
  expect((await changesOf('shop')).at(-1)).toMatchObject({ type: 'expiry', source: 'expiry', patch: { lease: null } })
  await clock.advance(4000)
  expect(await environments.get('shop')).toMatchObject({ version: 5, state: { door: 'open' } })
})

it('a new value without a lifetime stays', async () => {
  const { clock, environments } = openEnvironments()
  await environments.update('shop', { lease: 'ann' }, { ttl: 1000 })
  await environments.update('shop', { lease: 'bob' })
  await clock.advance(10_000)
  expect(await environments.get('shop')).toMatchObject({ version: 2, state: { lease: 'bob' } })
})

it('keeps the last thousand of two thousand changes', async () => {
  const { engine, environments, changesOf } = openEnvironments()
  for (let count = 1; count <= 2000; count++) await environments.update('shop', { count })
  const parts: string[] = []
  const of = { kind: 'environment', key: 'shop' }
  for await (const [name] of engine.view.parts(of, { prefix: 'change/' })) parts.push(name)
  expect(parts).toHaveLength(1000)
  const [lost, ...kept] = await changesOf('shop')
  expect(lost).toEqual({ type: 'changes-lost', from: 1, to: 1000 })
  const versions = kept.map((change) => (change as { version: number }).version)
  expect(versions).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1001))
  expect(await changesOf('shop', 1998)).toMatchObject([{ patch: { count: 1999 } }, { patch: { count: 2000 } }])
})

it('checks the state by its schema before it is applied and recorded', async () => {
  const { environments, changesOf } = openEnvironments({
    faultOf: (name, { tea }) => (name === 'shop' && typeof tea !== 'number' ? 'tea: expected a number' : undefined),
  })
  await expect(environments.update('shop', { tea: 'x' })).rejects.toMatchObject({ name: 'InvalidError' })
  await expect(environments.get('shop')).rejects.toMatchObject({ code: 'not_found' })
  await environments.update('shop', { tea: 1 })
  await expect(environments.update('shop', { tea: null })).rejects.toThrow('tea: expected a number')
  expect(await changesOf('shop')).toHaveLength(1)
  await environments.update('other', { tea: 'x' })
})

it.each([
  ['an empty patch', {}, 'invalid_input'],
  ['a long patch', { text: 'x'.repeat(ENVIRONMENT_LIMITS.patch) }, 'too_large'],
  ['too many keys', Object.fromEntries(Array.from({ length: 257 }, (_, key) => [`k${key}`, 1])), 'too_large'],
  ['a long key', { ['k'.repeat(101)]: 1 }, 'too_large'],
])('refuses %s', async (_, patch, code) => {
  const { environments } = openEnvironments()
  await expect(environments.update('shop', patch)).rejects.toMatchObject({ code })
  await expect(environments.get('shop')).rejects.toMatchObject({ code: 'not_found' })
})

it('refuses an update that would make the state larger than 256 KiB', async () => {
  const { environments } = openEnvironments()
  const text = 'x'.repeat(60 * 1024)
  for (const key of ['a', 'b', 'c', 'd']) await environments.update('shop', { [key]: text })
  await expect(environments.update('shop', { e: text })).rejects.toMatchObject({ code: 'too_large' })
  expect((await environments.get('shop')).version).toBe(4)
})

it('an update with an id is made once', async () => {
  const { environments } = openEnvironments()
  const update = () => environments.update('shop', { tea: 1 }, { id: 'once' })
  expect(await Promise.all([update(), update()])).toEqual([1, 1].map((version) => ({ version, applied: ['tea'] })))
  expect((await environments.get('shop')).version).toBe(1)
})

it('counts updates, expiries, restores and snapshots', async () => {
  const { clock, environments } = openEnvironments()
  await environments.update('shop', { tea: 1 }, { ttl: 10 })
  await environments.snapshot('shop')
  await environments.snapshot('shop')
  await clock.advance(10)
  await environments.restore('shop', 1)
  const { version, counts } = await environments.get('shop')
  expect([version, counts]).toEqual([3, { updates: 1, expiries: 1, restores: 1, snapshots: 1 }])
})

it('lists the changes between two times, in pages', async () => {
  const { clock, environments } = openEnvironments()
  const start = clock.now()
  for (let count = 1; count <= 5; count++) {
    await environments.update('shop', { count })
    await clock.advance(10)
  }
  const versions = async (query: object) => {
    const { changes, ...rest } = await environments.history('shop', query)
    return [changes.map(({ version }) => version), rest]
  }
  expect(await versions({})).toEqual([[1, 2, 3, 4, 5], {}])
  expect(await versions({ from: start + 10, to: start + 30 })).toEqual([[2, 3, 4], {}])
  expect(await versions({ from: start + 10, limit: 2 })).toEqual([[2, 3], { next: 3 }])
  expect(await versions({ from: start + 10, limit: 2, after: 3 })).toEqual([[4, 5], {}])
  expect(await versions({ from: start + 50 })).toEqual([[], {}])
  await expect(environments.history('nowhere')).rejects.toMatchObject({ code: 'not_found' })
  for (const query of [{ limit: 0 }, { from: Number.NaN }, { to: '2026-11-25' as unknown as number }])
    await expect(environments.history('shop', query)).rejects.toMatchObject({ code: 'invalid_input' })
})

it('names the changes that are no longer kept', async () => {
  const { clock, environments } = openEnvironments()
  const start = clock.now()
  await environments.update('shop', { count: 0 })
  await clock.advance(10)
  for (let count = 1; count <= ENVIRONMENT_LIMITS.changes + 1; count++) await environments.update('shop', { count })
  expect(await environments.history('shop', { from: start, limit: 1 })).toMatchObject({ lost: { from: 1, to: 2 } })
  await clock.advance(10)
  await environments.update('shop', { count: 0 })
  expect(await environments.history('shop', { from: start + 20 })).toEqual({
    changes: [expect.objectContaining({ version: ENVIRONMENT_LIMITS.changes + 3 })],
  })
})

it('saves its state automatically, at most one period after a change', async () => {
  const { clock, environments } = openEnvironments({ snapshotEvery: (name) => (name === 'shop' ? 60 : undefined) })
  const saved = async () => (await environments.get('shop')).snapshots.map(({ version }) => version)
  await environments.update('shop', { tea: 1 })
  await environments.update('other', { tea: 1 })
  await clock.advance(50)
  await environments.update('shop', { tea: 2 })
  expect(await saved()).toEqual([])
  await clock.advance(10)
  expect(await saved()).toEqual([2])
  await clock.advance(600)
  expect(await saved()).toEqual([2])
  await environments.update('shop', { tea: 3 })
  await environments.snapshot('shop')
  await clock.advance(60)
  await environments.update('shop', { tea: 4 })
  await clock.advance(60)
  expect(await saved()).toEqual([2, 3, 4])
  expect((await environments.get('other')).snapshots).toEqual([])
})
