import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import type { Runtime } from '../../../src/runtime/ports.ts'
import { AS_SOURCES } from '../../as-sources.ts'
import { openFolder } from '../inspect/folder.ts'

async function changesOf({ environments }: Runtime, name: string) {
  const { version } = await environments.get(name)
  const changes: { readonly version: number; readonly patch: { readonly count: number } }[] = []
  for await (const { n, body } of environments.watch(name)) {
    changes.push(body as unknown as (typeof changes)[number])
    if (n >= version) break
  }
  return changes
}

it('a process that is killed between updates loses no acknowledged one, and watchers miss none', async () => {
  const { folder, open } = openFolder()
  let acknowledged = 0
  for (const kill of [7, 23]) {
    const child = spawn(process.execPath, [...AS_SOURCES, join(import.meta.dirname, 'writer.ts'), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const closed = new Promise((resolve) => child.once('close', (_, signal) => resolve(signal)))
    const before = acknowledged
    for await (const line of createInterface(child.stdout)) {
      acknowledged = Number(line)
      if (acknowledged === before + kill) child.kill('SIGKILL')
    }
    expect(await closed).toBe('SIGKILL')
  }
  const runtime = await open()
  const changes = await changesOf(runtime, 'shop')
  const { version, state } = await runtime.environments.get('shop')
  expect(version).toBeGreaterThanOrEqual(acknowledged)
  expect(changes.map((change) => change.version)).toEqual(Array.from({ length: version }, (_, index) => index + 1))
  expect(state).toEqual(changes.at(-1)!.patch)
})

it('a restart keeps state, snapshots and expiries, and watchers continue after their version', async () => {
  const { open } = openFolder()
  const first = await open()
  await first.environments.update('shop', { tea: 1 })
  await first.environments.snapshot('shop')
  await first.environments.update('shop', { lease: 'ann' }, { ttl: 1 })
  await first.stop({ grace: 0 })
  const second = await open()
  expect(await second.environments.get('shop')).toMatchObject({
    version: 3,
    state: { tea: 1 },
    snapshots: [{ version: 1 }],
  })
  const leaving = new AbortController()
  const watching = second.environments.watch('shop', { after: 2, signal: leaving.signal })[Symbol.asyncIterator]()
  expect((await watching.next()).value).toMatchObject({ n: 3, body: { type: 'expiry', patch: { lease: null } } })
  const next = watching.next()
  await second.environments.restore('shop', 1)
  expect((await next).value).toMatchObject({ n: 4, body: { type: 'restore', restored: 1, patch: {} } })
  leaving.abort()
  expect((await watching.next()).done).toBe(true)
})

it('the schema of antiphon.yaml holds for all owners, and health has its limits', async () => {
  const { write, open } = openFolder()
  write(
    'antiphon.yaml',
    'environments: { shop: { schema: { type: object, properties: { tea: { type: number } } } } }\nhealth: { heapPercent: 0 }\n',
  )
  const { environments } = await open()
  await environments.update('bob:shop', { tea: 1 })
  await expect(environments.update('bob:shop', { tea: 'x' })).rejects.toThrow('tea: ')
  expect(await environments.list({ owner: 'bob' })).toMatchObject([{ name: 'shop', owner: 'bob', version: 1 }])
  expect(await environments.list({ owner: 'local' })).toEqual([])
  const { status, checks } = await environments.health()
  expect(status).toBe('degraded')
  expect(checks).toContainEqual(expect.objectContaining({ name: 'heap', status: 'degraded', limit: 0 }))
})

it('refuses a schema that is none, by its place in the file', async () => {
  const { write, open } = openFolder()
  write('antiphon.yaml', 'environments: { shop: { schema: { type: strange } } }\n')
  await expect(open()).rejects.toMatchObject({ name: 'InvalidError', message: expect.stringContaining('JSON Schema') })
})
