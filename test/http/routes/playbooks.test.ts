import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { createClient } from '../../../src/http/client/client.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { identifyByKey } from '../../../src/http/server/authenticate.ts'
import type { ServedRuntime } from '../../../src/runtime/ports.ts'
import { answer, CLERK, call, openGoals } from '../../agent/goal/folder.ts'

it('a caller lists, reads, accepts and forgets the playbooks of its owner; those of others look missing', async () => {
  const append = call('filesystem_append', { path: 'a.txt', content: 'news' })
  const { runtime } = await openGoals([append, answer('Done.')])
  await runtime.goals.start({
    agent: { ...CLERK, approve: [], learn: 'propose' },
    goal: 'Append news to a.txt',
    owner: 'ann',
    id: 'one',
  })
  await runtime.idle()
  const app = createApp(runtime as ServedRuntime, { identify: identifyByKey(runtime.access) })
  const as = async (owner: string, scope: 'run' | 'read' | 'admin') => {
    const { token } = await runtime.access.keys.create({ name: owner, owner, scopes: [scope] })
    return createClient((sent) => {
      sent.headers.set('authorization', `Bearer ${token}`)
      return app.fetch(sent)
    }).playbooks
  }
  const [reader, ann] = [await as('ann', 'read'), await as('ann', 'run')]
  const [bob, boss] = [await as('bob', 'read'), await as('boss', 'admin')]
  const listed = await reader.list({ agent: 'clerk' })
  expect(listed).toMatchObject([
    { agent: 'clerk', owner: 'ann', form: 'Append {content} to {path}', status: 'proposed', uses: 0 },
  ])
  const { id } = listed[0]!
  const { pipeline } = await reader.get(id)
  expect(parse(pipeline)).toMatchObject({ inputs: { path: {}, content: {} }, steps: [{ id: 'append_1' }] })
  expect(await runtime.pipelines.validate({ source: { text: pipeline } })).toMatchObject({ valid: true, findings: [] })
  expect(await bob.list()).toEqual([])
  await expect(bob.get(id)).rejects.toMatchObject({ code: 'not_found' })
  expect(await boss.list()).toMatchObject([{ id }])
  await expect(reader.get(`${id.slice(0, -1)}z`)).rejects.toMatchObject({ hint: expect.stringContaining(id) })
  await expect(bob.accept(id)).rejects.toMatchObject({ code: 'scope_missing' })
  await expect((await as('bob', 'run')).accept(id)).rejects.toMatchObject({ code: 'not_found' })
  await ann.accept(id)
  expect(await reader.list()).toMatchObject([{ status: 'accepted' }])
  await ann.reject(id)
  expect(await reader.list()).toMatchObject([{ status: 'rejected' }])
  await expect(reader.forget(id)).rejects.toMatchObject({ code: 'scope_missing' })
  await ann.forget(id)
  await expect(ann.forget(id)).rejects.toMatchObject({ code: 'not_found' })
  expect(await reader.list()).toEqual([])
})
