import { expect, it } from 'vitest'
import { accessActors } from '../../src/access/room.ts'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { simulatedClock } from '../../src/testing/clock.ts'

const REQUEST = { type: 'create', name: 'ci', owner: 'team', scopes: ['run', 'read'], hash: 'f'.repeat(64) }

function openKeys() {
  const clock = simulatedClock()
  const engine = inlineEngine({ actors: accessActors(), clock })
  const ask = (body: Json, key = 'k1') => engine.ask({ kind: 'api-key', key }, body)
  const keys = async () => (await engine.view.inspect({ kind: 'api-key' })).map(({ of }) => of.key)
  return { clock, engine, ask, keys }
}

it('keeps the values it was created with, and lists do not show its hash', async () => {
  const { clock, engine, ask } = openKeys()
  const made = { name: 'ci', owner: 'team', createdAt: clock.now(), expiresAt: clock.now() + 5_000 }
  expect(await ask({ ...REQUEST, ttl: 5_000 })).toEqual({ ...made, scopes: ['run', 'read'] })
  expect(await engine.view.list('api-key')).toEqual([{ key: 'k1', index: { ...made, scopes: 'run,read' } }])
})

it('is revoked once, and stays', async () => {
  const { clock, ask, keys } = openKeys()
  await ask(REQUEST)
  const revokedAt = clock.now()
  expect(await ask({ type: 'revoke' })).toMatchObject({ revokedAt })
  await clock.advance(10)
  expect(await ask({ type: 'revoke' })).toMatchObject({ revokedAt })
  expect(await keys()).toEqual(['k1'])
})

it('is made once', async () => {
  const { ask } = openKeys()
  await ask(REQUEST)
  await expect(ask({ ...REQUEST, owner: 'other' })).rejects.toMatchObject({ code: 'id_taken' })
})

it('of every owner has the scopes of staff only', async () => {
  const { ask, keys } = openKeys()
  await expect(ask({ ...REQUEST, owner: '*' })).rejects.toMatchObject({ code: 'invalid_input' })
  expect(await keys()).toEqual([])
  expect(await ask({ ...REQUEST, owner: '*', scopes: ['approve', 'read'] })).toMatchObject({ owner: '*' })
})

it('leaves nothing behind where there is none', async () => {
  const { ask, keys } = openKeys()
  await expect(ask({ type: 'revoke' })).rejects.toMatchObject({ code: 'not_found' })
  expect(await keys()).toEqual([])
})

it.each([
  ['a life that no date ends', { ttl: 9e15 }],
  ['a scope that is none', { scopes: ['root'] }],
  ['no scope', { scopes: [] }],
  ['an owner with a slash', { owner: 'a/b' }],
  ['no owner', { owner: '' }],
  ['no name', { name: '' }],
  ['a time that is over', { ttl: 0 }],
])('is not made with %s', async (_, wrong) => {
  const { ask, keys } = openKeys()
  await expect(ask({ ...REQUEST, ...wrong })).rejects.toMatchObject({ name: 'InvalidError' })
  expect(await keys()).toEqual([])
})
